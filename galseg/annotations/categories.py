"""Names that drawing programs give to what was outlined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from galseg.errors import FeatureError, nearest_name
from galseg.features import FEATURES, check_custom_feature

__all__ = ["feature_of_category"]


def feature_of_category(
    name: str, categories: Mapping[str, str] | None = None, *, also: Iterable[str] = ()
) -> str:
    """Return the feature that a category means.

    Parameters
    ----------
    name : str
        As the file has it.
    categories : mapping of str to str, optional
        From names of categories to features, a project's own included.
    also : iterable of str, optional
        Features of the project's own that are known already.

    Returns
    -------
    str
        What `categories` says; without a word there, the feature of that name, whatever its
        case and with blanks or hyphens for underscores.

    Raises
    ------
    FeatureError
        If the name means no feature.

    Examples
    --------
    >>> feature_of_category("Spiral arm")
    'spiral_arm'
    >>> feature_of_category("Balken", {"Balken": "bar"})
    'bar'
    """
    if categories and name in categories:
        return check_custom_feature(categories[name])
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    known = {*FEATURES, *also}
    if plain not in known:
        raise FeatureError(
            f"category {name!r} is no feature; {nearest_name(plain, known)}; "
            "say with categories={...} which feature it means"
        )
    return plain
