// Makes the verifiers' pages quicker: fresh lists without reloading, keys, drafts. All works without it.
// A module: its names are its own, apart from those of penjaga.js.

const list = document.getElementById("daftar");
const POLL_MS = 15000;

// --- Keys: j and k walk, enter opens, 1 says "sama", 2 says "beda", u takes the last step back.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

function cards() {
  return [...document.querySelectorAll("[data-card]")].filter((card) => card.offsetParent !== null);
}

function current() {
  return document.activeElement ? document.activeElement.closest("[data-card]") : null;
}

function walk(step) {
  const all = cards();
  const place = all.indexOf(current());
  const next = all[place < 0 ? (step > 0 ? 0 : all.length - 1) : place + step];
  if (next) {
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

function press(selector) {
  const chosen = current();
  const button = (chosen && chosen.querySelector(selector)) || document.querySelector(selector);
  if (button) button.click();
  return button !== null;
}

const KEYS = {
  j: () => walk(1),
  k: () => walk(-1),
  1: () => press("[data-key='1']"),
  2: () => press("[data-key='2']"),
  u: () => press("[data-key='u']"),
  Enter: () => {
    const link = document.activeElement.matches("[data-card]") && document.activeElement.querySelector("a[href]");
    if (link) link.click();
  },
};

// Who speaks to the computer, or whose hands tremble, turns them off; this device remembers it.
const OFF = "tanpa-tombol-pintas";
const hint = document.getElementById("pintas");
let keysOff = false;

function tellKeys() {
  hint.querySelector("button").textContent = keysOff ? hint.dataset.on : hint.dataset.off;
}

if (hint) {
  try {
    keysOff = localStorage.getItem(OFF) !== null;
  } catch {
    // A browser that keeps nothing: they are on at each page.
  }
  tellKeys();
  hint.hidden = false;
  hint.querySelector("button").addEventListener("click", () => {
    keysOff = !keysOff;
    tellKeys();
    try {
      if (keysOff) localStorage.setItem(OFF, "1");
      else localStorage.removeItem(OFF);
    } catch {
      // The same.
    }
  });
}

document.addEventListener("keydown", (event) => {
  if (keysOff || event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
  const act = KEYS[event.key];
  if (!act) return;
  // Enter on a link or a button is theirs.
  if (event.key === "Enter" && !event.target.matches("[data-card]")) return;
  event.preventDefault();
  act();
});

// --- Undo: the seconds that are left, counted down by this device's clock.
function countDown() {
  const bar = document.querySelector("[data-undo]");
  if (!bar || bar.dataset.running) return;
  bar.dataset.running = "1";
  const end = Date.now() + Number(bar.dataset.undo) * 1000;
  const shown = document.createElement("strong");
  shown.setAttribute("aria-hidden", "true");
  bar.querySelector(".until").after(" ", shown);
  const tick = window.setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    shown.textContent = `(${Math.max(left, 0)})`;
    if (left > 0 && bar.isConnected) return;
    window.clearInterval(tick);
    bar.remove();
  }, 250);
}

countDown();

// --- The queue: asked for again while it is looked at; changed under nobody's thumb.
function renew(part, etag) {
  const focused = document.activeElement && document.activeElement.closest("[data-card]");
  list.innerHTML = part;
  list.dataset.etag = etag;
  countDown();
  if (focused) document.getElementById(focused.id)?.focus({ preventScroll: true });
  document.getElementById("kabar").textContent = list.dataset.updated;
}

function offer(part, etag) {
  let button = document.getElementById("segarkan");
  if (!button) {
    button = document.createElement("button");
    button.id = "segarkan";
    button.type = "button";
    button.className = "main fresh";
    button.textContent = list.dataset.news;
    list.before(button);
  }
  button.onclick = () => {
    button.remove();
    renew(part, etag);
    window.scrollTo({ top: 0 });
  };
  document.getElementById("kabar").textContent = list.dataset.news;
}

async function look() {
  if (document.hidden) return;
  let answer;
  try {
    answer = await fetch(list.dataset.part, { headers: { "If-None-Match": list.dataset.etag }, cache: "no-store" });
  } catch {
    return; // No link just now: the next look makes up for it.
  }
  if (answer.status !== 200 || answer.redirected) return;
  const etag = answer.headers.get("ETag");
  const part = await answer.text();
  if (window.scrollY > 200 || list.contains(document.activeElement)) offer(part, etag);
  else {
    document.getElementById("segarkan")?.remove();
    renew(part, etag);
  }
}

if (list) {
  window.setInterval(look, POLL_MS);
}

// --- Writing: the draft is kept while one types, the answer shown as people will read it.
const writing = document.getElementById("tulisan");
const SAVE_MS = 2000;

function soon(work, wait) {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(work, wait);
  };
}

async function part(address) {
  const answer = await fetch(address, { method: "POST", body: new FormData(writing) });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.text();
}

async function keep() {
  const said = document.getElementById("simpanan");
  try {
    unsaved = false;
    said.textContent = await part(writing.dataset.draft);
  } catch {
    unsaved = true;
    said.textContent = writing.dataset.lost;
    keepSoon();
  }
}

async function preview() {
  try {
    document.getElementById("pratinjau").innerHTML = await part(writing.dataset.preview);
  } catch {
    // The picture stays as it was; the draft says that there is no link.
  }
}

let unsaved = false;
const keepSoon = soon(keep, SAVE_MS);
const previewSoon = soon(preview, SAVE_MS / 2);

if (writing && writing.dataset.draft) {
  writing.addEventListener("input", () => {
    unsaved = true;
    keepSoon();
    previewSoon();
  });
  // The phone is put away or dies: what was typed last goes out at once.
  writing.addEventListener("submit", () => {
    unsaved = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (unsaved && document.visibilityState === "hidden") navigator.sendBeacon(writing.dataset.draft, new FormData(writing));
  });
}
