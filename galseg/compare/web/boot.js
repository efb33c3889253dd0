// Everything is defined: fill in what the data say, and go on where a reload broke off.

byId("view").replaceChildren(...choices("view", "View",
  Object.entries(VIEWS).map(([value, text]) => [value, text, ""]), look.view));
byId("view").addEventListener("input", ({ target }) => {
  look.view = target.value;
  drawView();
});
byId("rater").append(...Object.keys(data.raters).map((name) => element("option", { value: name }, name)));
memory.write("galseg works", true);
let here = null;
try { here = sessionStorage.getItem(SESSION); } catch { /* turned off */ }
if (here !== null && Object.hasOwn(data.raters, here)) start(new Answers(here));
else showStart();
