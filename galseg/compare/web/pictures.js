// The pictures of an item: side by side, blinking or under a slider, zoomed and moved as one.

const byId = (id) => document.getElementById(id);

function element(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const VIEWS = { side: "Side by side", outlines: "Outlines", blink: "Blink", slider: "Slider" };
const MAX_ZOOM = 8;
const ZOOM_STEP = 1.5;
const STAGE_SHARE = 0.7; // of the window's height, about
const PAN_STEP = 0.1; // in sides of a panel

const look = { view: "side", first: "image", second: "outline1", zoom: 1, x: 0, y: 0, wipe: 50 };
let shown = new Map(); // the item's pictures by name: {file, title, alt}
let preloaded = [];
let blinking = 0; // the timer

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function picturesOf(item) {
  const { colour_name: colour, title } = data.features[item.feature];
  const pictures = new Map([
    ["image", { file: item.image, title: "Image", alt: "The galaxy, nothing drawn on it" }],
  ]);
  item.places.forEach(({ overlay, mask }, i) => {
    const name = letter(i + 1);
    pictures.set(`outline${i + 1}`, {
      file: overlay, title: `Outline ${name}`,
      alt: `The galaxy with ${title} ${name} outlined in ${colour}`,
    });
    pictures.set(`mask${i + 1}`, {
      file: mask, title: `Mask ${name}`,
      alt: `Mask ${name} by itself: ${title} in white on black`,
    });
  });
  return pictures;
}

function showPictures(item, next) {
  stopBlinking();
  shown = picturesOf(item);
  for (const side of ["first", "second"]) {
    const options = [...shown].map(([value, { title }]) => element("option", { value }, title));
    byId(side).replaceChildren(...options);
  }
  Object.assign(look, { first: "image", second: "outline1", zoom: 1, x: 0, y: 0, wipe: 50 });
  drawView();
  const files = [item, next].filter(Boolean).flatMap((of) => [...picturesOf(of).values()]);
  Promise.allSettled([...byId("pictures").querySelectorAll("img")].map((img) => img.decode()))
    .then(() => { preloaded = files.map(({ file }) => element("img", { src: file })); });
}

function picture(name) {
  const { file, alt } = shown.get(name);
  return element("img", { src: file, alt, draggable: false, decoding: "sync", className: "layer" });
}

function drawView() {
  stopBlinking();
  byId("pictures").dataset.view = look.view;
  for (const section of byId("pictures").querySelectorAll(":scope > section")) section.remove();
  const sections = ["side", "outlines"].includes(look.view) ? columns() : [pair()];
  byId("pictures").prepend(...sections);
  const nColumns = look.view === "outlines" ? bestColumns(sections.length) : sections.length;
  byId("pictures").style.setProperty("--columns", nColumns);
  byId("pictures").style.setProperty("--rows", Math.ceil(sections.length / nColumns));
  for (const node of document.querySelectorAll("[data-for]"))
    node.hidden = !node.dataset.for.split(" ").includes(look.view);
  byId("blink").hidden ||= reducedMotion.matches;
  byId("calm").hidden ||= !reducedMotion.matches;
  byId("first").value = look.first;
  byId("second").value = look.second;
  setWipe(look.wipe);
  setZoom(look.zoom, look.x, look.y);
}

// How many columns make equal panels largest.
function bestColumns(n) {
  const [width, height] = [byId("stage").clientWidth, innerHeight * STAGE_SHARE];
  const side = (nColumns) => Math.min(width / nColumns, height / Math.ceil(n / nColumns));
  return [...Array(n).keys()].map((i) => i + 1).reduce((a, b) => (side(b) > side(a) ? b : a));
}

function columns() {
  const panel = (name) => element("div", { className: "panel" }, picture(name));
  const sections = [element("section", {}, element("h2", {}, "Image"), panel("image"))];
  for (let place = 1; shown.has(`mask${place}`); place += 1) {
    const section = element("section", {}, element("h2", {}, letter(place)), panel(`outline${place}`));
    if (look.view === "side") section.append(panel(`mask${place}`));
    sections.push(section);
  }
  return sections;
}

// Two pictures, the second above the first.
function pair() {
  const top = element("div", { id: "top", className: "layer" }, picture(look.second));
  const panel = element("div", { className: "panel" }, picture(look.first), top);
  const title = element("h2", { id: "pair-title" });
  if (look.view === "slider")
    panel.append(element("div", { id: "handle", "aria-hidden": "true" }));
  const section = element("section", { className: "big" }, title, panel);
  if (look.view === "blink") showTop(true, section);
  else title.textContent = `${shown.get(look.first).title} | ${shown.get(look.second).title}`;
  return section;
}

// Blink: never by itself, at most three changes a second, by hand where less motion is asked for.

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

function showTop(visible, section = byId("pictures")) {
  section.querySelector("#top").hidden = !visible;
  const { title } = shown.get(visible ? look.second : look.first);
  section.querySelector("#pair-title").textContent = title;
}

function swap() {
  if (look.view === "blink") showTop(byId("top").hidden);
}

function startBlinking() {
  if (look.view !== "blink" || reducedMotion.matches) return;
  stopBlinking();
  blinking = setInterval(swap, 1000 / Number(byId("rate").value));
  byId("blink").textContent = "Stop blinking";
}

function stopBlinking() {
  clearInterval(blinking);
  blinking = 0;
  byId("blink").textContent = "Start blinking";
}

const toggleBlinking = () => (blinking ? stopBlinking() : startBlinking());

// Slider: left of the handle lies the first picture, right of it the second.

function setWipe(percent) {
  look.wipe = clamp(percent, 0, 100);
  byId("wipe").value = look.wipe;
  byId("pictures").style.setProperty("--wipe", `${look.wipe}%`);
}

// Zoom: x and y are where the corner of each picture lies, in sides of its panel.

function setZoom(zoom, x, y) {
  look.zoom = clamp(zoom, 1, MAX_ZOOM);
  look.x = clamp(x, 1 - look.zoom, 0);
  look.y = clamp(y, 1 - look.zoom, 0);
  const { style, dataset } = byId("pictures");
  for (const name of ["zoom", "x", "y"]) style.setProperty(`--${name}`, look[name]);
  dataset.zoomed = look.zoom > 1;
  byId("zoom").textContent = `${look.zoom.toFixed(1)}×`;
}

function zoomBy(factor, x = 0.5, y = 0.5) {
  const zoom = clamp(look.zoom * factor, 1, MAX_ZOOM);
  const ratio = zoom / look.zoom;
  setZoom(zoom, x - (x - look.x) * ratio, y - (y - look.y) * ratio);
}

const panBy = (dx, dy) => setZoom(look.zoom, look.x + dx, look.y + dy);

// Where a pointer is in its panel, in sides of the panel.
function locate(event, panel) {
  const { left, top, width } = panel.getBoundingClientRect();
  return { panel, x: (event.clientX - left) / width, y: (event.clientY - top) / width };
}

const fingers = new Map();

function onPointerDown(event) {
  const panel = event.target.closest(".panel");
  if (!panel || event.button !== 0) return;
  if (event.target.id === "handle") event.target.dataset.held = "";
  panel.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, locate(event, panel));
}

function onPointerMove(event) {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const now = locate(event, before.panel);
  const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
  fingers.set(event.pointerId, now);
  if ("held" in (byId("handle")?.dataset ?? {})) setWipe(100 * now.x);
  else if (others.length === 1 && others[0].panel === now.panel) pinch(before, now, others[0]);
  else panBy(now.x - before.x, now.y - before.y);
}

function pinch(before, now, other) {
  const apart = (at) => Math.max(Math.hypot(at.x - other.x, at.y - other.y), 0.01);
  zoomBy(apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
  panBy((now.x - before.x) / 2, (now.y - before.y) / 2);
}

function onPointerUp(event) {
  fingers.delete(event.pointerId);
  delete byId("handle")?.dataset.held;
}

// The wheel zooms; turned back at the whole picture it scrolls the page as ever.
function onWheel(event) {
  const panel = event.target.closest(".panel");
  if (!panel || (event.deltaY > 0 && look.zoom === 1 && !event.ctrlKey)) return;
  event.preventDefault();
  const { x, y } = locate(event, panel);
  zoomBy(Math.exp(-clamp(event.deltaY, -100, 100) / 300), x, y);
}

const PICTURE_EVENTS = {
  pointerdown: onPointerDown, pointermove: onPointerMove,
  pointerup: onPointerUp, pointercancel: onPointerUp, wheel: onWheel,
};
for (const [name, listener] of Object.entries(PICTURE_EVENTS))
  byId("pictures").addEventListener(name, listener, { passive: false });

byId("pictures").addEventListener("error", ({ target }) => {
  target.closest(".panel")?.append(element("p", { className: "missing", role: "alert" },
    "This picture is missing. Unpack the whole folder, and open index.html in it."));
}, true);

byId("blink").addEventListener("click", toggleBlinking);
byId("swap").addEventListener("click", swap);
byId("rate").addEventListener("input", () => {
  byId("rate-now").textContent = byId("rate").value;
  if (blinking) startBlinking();
});
byId("wipe").addEventListener("input", () => setWipe(Number(byId("wipe").value)));
byId("zoom-in").addEventListener("click", () => zoomBy(ZOOM_STEP));
byId("zoom-out").addEventListener("click", () => zoomBy(1 / ZOOM_STEP));
byId("zoom-fit").addEventListener("click", () => setZoom(1, 0, 0));
reducedMotion.addEventListener("change", () => shown.size && drawView());
