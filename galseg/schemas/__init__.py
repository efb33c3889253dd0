"""The questions of Galaxy Zoo and their answers: decision trees, as data."""

from galseg.schemas.read import find_schema, read_schemas, shipped_schemas
from galseg.schemas.record import Question, Schema

__all__ = ["Question", "Schema", "find_schema", "read_schemas", "shipped_schemas"]
