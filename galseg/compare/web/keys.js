// The keyboard. Keys of one letter can be turned off for those who speak or tremble into them.

let singleKeys = memory.read("galseg single keys") ?? true;
let byArrow = false; // the last key was an arrow, on a choice
let stepped = ""; // the question whose choices the arrows go through

const KEYS = {
  Enter: goNext, n: goNext, p: goBack, u: goToOpen, l: showList, s: showFinish,
  t: () => press("best", data.tie), m: () => mark(marked % item().places.length + 1),
  v: () => nextView(), x: swap, " ": toggleBlinking, r: () => byId("comment").focus(),
  "+": () => zoomBy(ZOOM_STEP), "=": () => zoomBy(ZOOM_STEP), "-": () => zoomBy(1 / ZOOM_STEP),
  0: () => setZoom(1, 0, 0),
};
const ARROWS = {
  ArrowLeft: [PAN_STEP, 0], ArrowRight: [-PAN_STEP, 0],
  ArrowUp: [0, PAN_STEP], ArrowDown: [0, -PAN_STEP],
};

function nextView() {
  const names = Object.keys(VIEWS);
  press("view", names[(names.indexOf(look.view) + 1) % names.length]);
}

function onKey(event) {
  const { key, target } = event;
  byArrow = key in ARROWS && target.matches("input[type=radio]");
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.id === "comment" && key === "Escape") byId("question").focus();
  if (target.matches("textarea, select, input[type=text]")) return;
  if (key === "Escape") stopBlinking();
  if (singleKeys && key === "?") byId("help").showModal();
  if (!session || byId("item").hidden) return;
  if (key in ARROWS && target.id === "pictures") panBy(...ARROWS[key]);
  else if (target.matches("button, input") && [" ", "Enter"].includes(key)) return;
  else if (!singleKeys || (key === " " && look.view !== "blink")) return;
  else if (/^[1-9]$/.test(key)) ratePlace(Number(key));
  else if (!pressPlace(key)) {
    const action = KEYS[key.length === 1 ? key.toLowerCase() : key];
    if (!action) return;
    action();
  }
  event.preventDefault();
}

function pressPlace(key) {
  const place = key.length === 1 ? key.toUpperCase().charCodeAt(0) - 64 : 0;
  return place >= 1 && place <= item().places.length && press("best", place);
}

// Arrow keys pass by other answers on their way to one: that is one change.
function countChange(name, changed) {
  if (changed && !(byArrow && name === stepped)) session.of(item()).n_changes += 1;
  stepped = byArrow ? name : "";
}

byId("single-keys").checked = singleKeys;
byId("single-keys").addEventListener("change", () => {
  singleKeys = byId("single-keys").checked;
  memory.write("galseg single keys", singleKeys);
});
document.addEventListener("keydown", onKey);
document.addEventListener("pointerdown", () => { byArrow = false; });
