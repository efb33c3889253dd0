// What a rater answered: kept in the browser, checked, written to a file and read from one.

const data = JSON.parse(document.getElementById("data").textContent);
const { questions } = data;
const levels = Object.keys(questions.quality);
const letter = (place) => String.fromCharCode(64 + place);

// The browser's storage, which may be turned off or full: then nothing outlives a reload.
const memory = {
  works: true,
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  },
  write(name, content) {
    try {
      localStorage.setItem(name, JSON.stringify(content));
      this.works = true;
    } catch {
      this.works = false;
    }
  },
};

function blankAnswer(item) {
  const quality = levels.length ? item.places.map(() => null) : [];
  return { quality, best: null, comment: "", seconds: 0, n_changes: 0 };
}

const isBegun = (answer) =>
  answer.best !== null || answer.comment !== "" || answer.quality.some((level) => level !== null);

// Say what keeps an answer from counting; nothing if it counts.
function complaint(answer) {
  const unrated = answer.quality.flatMap((level, i) => (level === null ? [letter(i + 1)] : []));
  const open = unrated.length ? [`how good is ${unrated.join(", ")}`] : [];
  if (questions.best && answer.best === null) open.push("which is best");
  if (open.length) return `Not said yet: ${open.join("; ")}.`;
  const rank = answer.quality.map((level) => levels.indexOf(level));
  if (rank.length && Number.isInteger(answer.best) && rank[answer.best - 1] > Math.min(...rank))
    return `${letter(answer.best)} is called best, but another is rated higher.`;
  return "";
}

class Answers {
  constructor(rater) {
    this.rater = rater;
    this.items = data.raters[rater];
    this.memoryName = `galseg ${data.package} ${rater}`;
    this.recall();
  }

  recall() {
    const kept = memory.read(this.memoryName) ?? {};
    this.startedAt = kept.started_at ?? new Date().toISOString();
    this.current = Math.min(kept.current ?? 0, this.items.length - 1);
    this.given = kept.answers ?? {};
  }

  keep() {
    const { startedAt: started_at, current, given: answers } = this;
    memory.write(this.memoryName, { started_at, current, answers });
  }

  of(item) {
    return (this.given[item.item] ??= blankAnswer(item));
  }

  // Both return whether something else had been said before.
  rate(item, place, level) {
    const { quality } = this.of(item);
    const before = quality[place - 1];
    quality[place - 1] = level;
    return before !== null && before !== level;
  }

  choose(item, best) {
    const answer = this.of(item);
    const before = answer.best;
    answer.best = best;
    return before !== null && before !== best;
  }

  state(item) {
    const answer = this.given[item.item];
    if (!answer || !isBegun(answer)) return "open";
    return complaint(answer) ? "begun" : "answered";
  }

  get nAnswered() {
    return this.items.filter((item) => this.state(item) === "answered").length;
  }

  // The next item after `index`, round the end, that is not answered; -1 if all are.
  nextOpen(index) {
    const { length } = this.items;
    for (let step = 1; step <= length; step += 1) {
      const next = (index + step) % length;
      if (this.state(this.items[next]) !== "answered") return next;
    }
    return -1;
  }

  // The content of the file that is sent back; `signedOff` is null or {name, at, statement}.
  file(signedOff) {
    return {
      format: data.answers_format,
      version: data.answers_version,
      package: data.package,
      key_sha256: data.key_sha256,
      rater: this.rater,
      started_at: this.startedAt,
      exported_at: new Date().toISOString(),
      signed_off: signedOff,
      answers: this.items
        .filter((item) => this.state(item) !== "open")
        .map((item) => {
          const answer = this.of(item);
          return { item: item.item, ...answer, seconds: Math.round(answer.seconds * 100) / 100 };
        }),
    };
  }

  fileName(signedOff) {
    const name = this.rater.replace(/[^A-Za-z0-9_-]+/g, "_");
    return `answers_${data.package}_${name}${signedOff ? "" : "_not_signed_off"}.json`;
  }

  // Answers of a checked file that are not what is given here.
  differing(content) {
    return content.answers.filter(({ item, quality, best, comment }) => {
      const own = this.given[item];
      return own && isBegun(own) && (own.best !== best || own.comment !== comment
        || own.quality.some((level, i) => level !== quality[i]));
    });
  }

  take(content) {
    if (content.started_at < this.startedAt) this.startedAt = content.started_at;
    for (const { item, quality, best, comment, seconds, n_changes } of content.answers)
      this.given[item] = { quality, best, comment, seconds, n_changes };
    this.current = Math.max(0, this.nextOpen(-1));
    this.keep();
  }
}

// Read a file of answers, or throw an error that says why it cannot be gone on from.
function readAnswers(text) {
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error("This file is damaged or cut off: it is not whole JSON.");
  }
  if (content?.format !== data.answers_format || content.version !== data.answers_version)
    throw new Error("This is not a file of answers that this page can read.");
  if (content.package !== data.package || content.key_sha256 !== data.key_sha256)
    throw new Error("These answers belong to another package.");
  if (!Object.hasOwn(data.raters, content.rater))
    throw new Error(`This package has no rater “${content.rater}”.`);
  const items = new Map(data.raters[content.rater].map((item) => [item.item, item]));
  const good = Array.isArray(content.answers) && typeof content.started_at === "string"
    && content.answers.every((answer) => items.has(answer?.item)
      && isAnswer(answer, items.get(answer.item)));
  if (!good) throw new Error("This file is damaged: it holds answers that cannot be.");
  return content;
}

function isAnswer({ quality, best, comment, seconds, n_changes }, item) {
  const nPlaces = item.places.length;
  return Array.isArray(quality) && quality.length === (levels.length ? nPlaces : 0)
    && quality.every((level) => level === null || levels.includes(level))
    && (best === null || (questions.best && questions.tie && best === data.tie)
      || (questions.best && Number.isInteger(best) && best >= 1 && best <= nPlaces))
    && typeof comment === "string" && Number.isFinite(seconds) && seconds >= 0
    && Number.isInteger(n_changes) && n_changes >= 0;
}
