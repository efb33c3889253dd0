// A rater's way through the items: start, answer, go back, finish; by mouse, touch or keyboard.

const IDLE_MS = 60000; // a longer rest counts as this much active time
const SESSION = `galseg ${data.package} session`; // who was here before a reload

let session = null;
let marked = 1; // the place that the digit keys rate
let mayLeave = false; // "Next" was pressed once on an item without an answer
let seenAt = null; // last sign of life on an item, null while it is not looked at

const item = () => session.items[session.current];

function showSection(name) {
  countTime();
  stopBlinking();
  for (const section of document.querySelectorAll("main > *")) section.hidden = section.id !== name;
  byId("bar").hidden = name === "start";
  seenAt = name === "item" ? performance.now() : null;
  document.querySelector(`#${name} h1`).focus();
  scrollTo(0, 0);
}

function say(text, where = "note") {
  byId(where).textContent = text;
}

// Active time: what passes between signs of life, as long as the page can be seen.

function countTime() {
  if (seenAt === null) return;
  const now = performance.now();
  session.of(item()).seconds += Math.min(now - seenAt, IDLE_MS) / 1000;
  seenAt = now;
}

function onVisibility() {
  countTime();
  if (!session) return;
  session.keep();
  seenAt = document.hidden || byId("item").hidden ? null : performance.now();
}

// The start.

function showStart() {
  session = null;
  document.title = "Which mask is best?";
  for (const option of byId("rater").options) {
    const answers = new Answers(option.value);
    option.textContent = `${option.value} (${answers.nAnswered} of ${answers.items.length} answered)`;
  }
  try { sessionStorage.removeItem(SESSION); } catch { /* turned off */ }
  warnOfForgetting();
  showSection("start");
}

function start(answers) {
  session = answers;
  try { sessionStorage.setItem(SESSION, answers.rater); } catch { /* turned off */ }
  show(session.current);
}

function warnOfForgetting() {
  byId("forgets").hidden = memory.works;
}

// An item.

function choices(name, legend, options, chosen) {
  const radios = options.map(([value, text, key]) => element("label", { className: "choice" },
    element("input", { type: "radio", name, value, checked: value === chosen }),
    element("span", {}, text, element("kbd", { "aria-hidden": "true" }, key))));
  return [element("legend", {}, legend), element("div", { className: "choices" }, ...radios)];
}

function show(index) {
  countTime();
  session.current = index;
  drawItem();
  session.keep();
}

function drawItem() {
  const { current: index } = session;
  const { quality, best, comment } = session.of(item());
  const { question, hint, colour, colour_name: colourName } = data.features[item().feature];
  say(question, "question");
  say(`${hint ? `${hint[0].toUpperCase()}${hint.slice(1)}. ` : ""}Outlined in ${colourName}`, "hint");
  byId("swatch").style.backgroundColor = colour;
  byId("quality").replaceChildren(...quality.map((level, i) =>
    element("fieldset", { className: "row", "data-place": i + 1 }, ...choices(`quality${i + 1}`,
      `How good is ${letter(i + 1)}?`,
      Object.entries(questions.quality).map(([value, text], k) => [value, text, k + 1]), level))));
  const places = item().places.map((_, i) => [`${i + 1}`, letter(i + 1), ""]);
  const options = questions.tie ? [...places, [data.tie, data.tie_label, "T"]] : places;
  byId("best").hidden = !questions.best;
  byId("best").replaceChildren(...choices("best", "Which is best?", options, best === null ? null : `${best}`));
  byId("comment-box").hidden = !questions.comment;
  byId("comment").value = comment;
  byId("back").disabled = index === 0;
  say(index === session.items.length - 1 ? "Finish" : "Next", "next");
  showPictures(item(), session.items[index + 1]);
  mark(Math.max(0, quality.indexOf(null)) + 1);
  say("");
  mayLeave = false;
  showProgress();
  showSection("item");
}

function mark(place) {
  marked = place;
  for (const row of document.querySelectorAll(".row")) {
    const here = Number(row.dataset.place) === place;
    row.classList.toggle("marked", here);
    row.setAttribute("aria-current", here);
  }
  if (look.second !== `outline${place}`) {
    look.second = `outline${place}`;
    if (byId("pair-title")) drawView();
  }
}

function showProgress() {
  const { current, items, nAnswered } = session;
  say(`Question ${current + 1} of ${items.length}`, "where");
  say(`${nAnswered} answered`, "done");
  document.title = `Question ${current + 1} of ${items.length}`;
  Object.assign(byId("progress"), { value: nAnswered, max: items.length });
  byId("jump").disabled = nAnswered === items.length;
  warnOfForgetting();
}

function onAnswer({ target }) {
  countTime();
  const { name, value } = target;
  if (name.startsWith("quality")) {
    const place = Number(name.slice("quality".length));
    countChange(name, session.rate(item(), place, value));
    mark(place);
  } else if (name === "best") {
    countChange(name, session.choose(item(), value === data.tie ? value : Number(value)));
  } else if (target.id === "comment") session.of(item()).comment = value;
  session.keep();
  mayLeave = false;
  const fault = complaint(session.of(item()));
  say(fault.startsWith("Not said") ? "" : fault);
  showProgress();
}

function press(name, value) {
  const radio = document.querySelector(`input[name="${name}"][value="${value}"]`);
  if (!radio?.checked) radio?.click();
  return Boolean(radio);
}

function ratePlace(digit) {
  const level = levels[digit - 1];
  if (!level || !press(`quality${marked}`, level)) return;
  const next = session.of(item()).quality.indexOf(null);
  if (next >= 0) mark(next + 1);
}

function goNext() {
  const fault = complaint(session.of(item()));
  if (fault && !mayLeave) {
    say(`${fault} Press again to skip.`);
    mayLeave = true;
  } else if (session.current < session.items.length - 1) show(session.current + 1);
  else showFinish();
}

function goBack() {
  if (session.current > 0) show(session.current - 1);
}

function goToOpen() {
  const next = session.nextOpen(session.current);
  if (next >= 0) show(next);
  else showFinish();
}

const STATES = { answered: ["✓", "answered"], begun: ["…", "begun"], open: ["", "not answered"] };

function showList() {
  byId("items").replaceChildren(...session.items.map((each, index) => {
    const [sign, words] = STATES[session.state(each)];
    const button = element("button", { type: "button", "aria-label": `Question ${index + 1}, ${words}` },
      `${index + 1} ${sign}`);
    if (index === session.current) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => { byId("list").close(); show(index); });
    return element("li", {}, button);
  }));
  byId("list").showModal();
}

// The end.

function showFinish() {
  const { items, nAnswered } = session;
  const left = items.length - nAnswered;
  document.title = "Finish";
  say(left ? `${nAnswered} of ${items.length} questions are answered; ${left} are not. You can sign `
    + "off when all are, or save what there is to go on later, here or on another machine."
    : `All ${items.length} questions are answered.`, "summary");
  byId("open").hidden = !left;
  byId("leave").hidden = !memory.works;
  byId("agreed").checked = false;
  say("", "saved");
  showSection("finish");
}

function signOff() {
  const name = byId("name").value.trim();
  if (session.nAnswered < session.items.length)
    return say("Some questions are not answered yet, so this cannot be signed off.", "saved");
  if (!name || !byId("agreed").checked)
    return say("To sign off, type your name and confirm the statement.", "saved");
  const statement = byId("statement").innerText.trim();
  return save({ name, at: new Date().toISOString(), statement });
}

function save(signedOff) {
  const text = JSON.stringify(session.file(signedOff), null, 1);
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const download = session.fileName(signedOff);
  element("a", { href: url, download }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  say(signedOff ? `Signed off. Send the file ${download} back. Thank you!`
    : `Saved, not signed off: ${download}. It does not count until you sign off.`, "saved");
}

async function onFile({ target }) {
  const where = target.dataset.says;
  try {
    const content = readAnswers(await target.files[0].text());
    if (session && session.rater !== content.rater)
      throw new Error(`This file is of ${content.rater}, and you are ${session.rater}.`);
    const answers = session ?? new Answers(content.rater);
    const n = answers.differing(content).length;
    if (n && !confirm(`${n} answers in the file differ from those here. Take the file's?`)) return;
    answers.take(content);
    start(answers);
    say(`Went on from the file: ${session.nAnswered} of ${session.items.length} answered.`);
  } catch (error) {
    say(error.message, where);
  } finally {
    target.value = "";
  }
}

const CLICKS = {
  back: goBack, jump: goToOpen, open: goToOpen, questions: showList, end: showFinish,
  "to-items": () => show(session.current), leave: showStart, unsigned: () => save(null),
};
for (const [id, action] of Object.entries(CLICKS)) byId(id).addEventListener("click", action);
for (const button of document.querySelectorAll("[data-help]"))
  button.addEventListener("click", () => byId("help").showModal());

const SUBMITS = { start: () => start(new Answers(byId("rater").value)), item: goNext, finish: signOff };
for (const [id, action] of Object.entries(SUBMITS)) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

byId("answers").addEventListener("input", onAnswer);
byId("answers").addEventListener("focusin", ({ target }) => {
  const row = target.closest(".row");
  if (row && !row.classList.contains("marked")) mark(Number(row.dataset.place));
});
for (const side of ["first", "second"]) {
  byId(side).addEventListener("change", () => {
    look[side] = byId(side).value;
    drawView();
  });
}
for (const input of document.querySelectorAll("input[type=file]"))
  input.addEventListener("change", onFile);

document.addEventListener("visibilitychange", onVisibility);
for (const sign of ["pointermove", "pointerdown", "keydown", "wheel"])
  document.addEventListener(sign, countTime, { capture: true, passive: true });
addEventListener("pagehide", onVisibility);
addEventListener("beforeunload", (event) => {
  if (session && !memory.works) event.preventDefault();
});
// Another tab with this page: take what was answered there.
addEventListener("storage", ({ key }) => {
  if (session && key === session.memoryName) {
    seenAt = null;
    session.recall();
    if (!byId("item").hidden) drawItem();
  }
});
