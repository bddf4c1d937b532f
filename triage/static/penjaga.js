"use strict";
// What a script can do better. Without it every page works, and what needs it is not shown.
// The service worker loads this file too, for the outbox alone.

// ---- The outbox of this device: messages that wait for a signal, and where those that were sent are answered.

function openBox() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open("penjaga", 1);
    asked.onupgradeneeded = () => {
      for (const name of ["kotak", "titipan"]) asked.result.createObjectStore(name, { keyPath: "key" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function inBox(name, mode, act) {
  const box = await openBox();
  return new Promise((done, fail) => {
    const step = box.transaction(name, mode);
    const asked = act(step.objectStore(name));
    step.oncomplete = () => { box.close(); done(asked.result); };
    step.onabort = () => { box.close(); fail(step.error); };
  });
}

// Oldest first.
async function entries(name = "kotak") {
  const all = await inBox(name, "readonly", (store) => store.getAll());
  return all.sort((a, b) => a.at - b.at);
}
const keep = (entry, name = "kotak") => inBox(name, "readwrite", (store) => store.put(entry));
const drop = (key, name = "kotak") => inBox(name, "readwrite", (store) => store.delete(key));

// Too much came from this device: until then it is not tried again by itself.
let busyUntil = 0;

// Throws where it is not known whether the message arrived: it is sent again then, under the same key, by which
// the server knows it.
async function post(entry) {
  const reply = await fetch("/", {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(entry.fields),
  });
  if (reply.status === 429) busyUntil = Date.now() + 1000 * (reply.headers.get("Retry-After") || 60);
  if (reply.status >= 500 || reply.status === 429) throw new Error("later");
  busyUntil = 0;
  return reply.json();
}

async function sendAll() {
  for (const entry of await entries()) {
    if (entry.page || entry.problem) continue;
    let reply;
    try {
      reply = await post(entry);
    } catch {
      if (busyUntil) setTimeout(() => sendAll().then(showBox), busyUntil - Date.now());
      return;
    }
    // Deleted by its sender meanwhile: it must not come back into the box.
    if ((await entries()).some((one) => one.key === entry.key)) await keep({ ...entry, ...reply });
  }
}

// ---- Pages.

function say(button, words) {
  const place = button.parentElement.querySelector("[role=status]");
  place.textContent = "";
  // Emptied first: the same words said twice are read out twice.
  setTimeout(() => { place.textContent = words; }, 50);
}

function copyAndShare() {
  const textOf = (button) => document.getElementById(button.dataset.of).textContent.trim();
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(textOf(button));
      say(button, button.dataset.copy);
    });
  }
  for (const button of document.querySelectorAll("[data-share]")) {
    if (!navigator.share) continue;
    button.hidden = false;
    // Whoever closes the sheet has not failed at anything.
    button.addEventListener("click", () => navigator.share({ text: textOf(button) }).catch(() => {}));
  }
}

function sendFrom(form) {
  // One key for each time the form is opened, also where the page comes out of the device's memory.
  const key = crypto.randomUUID();
  const buttons = form.querySelectorAll("button");
  const busy = (yes) => { for (const button of buttons) button.disabled = yes; };
  addEventListener("pageshow", () => busy(false));
  form.addEventListener("submit", async (event) => {
    const fields = Object.fromEntries(new FormData(form));
    delete fields.csrf_token;
    if (!(fields.text + (fields.url || "")).trim()) return;
    event.preventDefault();
    busy(true);
    fields.key = form.elements.key.value = key;
    try {
      await keep({ key, fields, at: Date.now() });
    } catch {
      form.submit();
      return;
    }
    let reply;
    try {
      reply = await post({ fields });
    } catch {
      await whenThereIsASignal();
      location.assign("/kotak");
      return;
    }
    await drop(key);
    if (reply.page) location.assign(reply.page);
    // The page of the server says what is wrong, beside what was typed.
    else form.submit();
  });
}

async function whenThereIsASignal() {
  const worker = await navigator.serviceWorker?.getRegistration();
  await worker?.sync?.register("kotak").catch(() => {});
}

async function fillFromShare(form) {
  for (const given of await entries("titipan")) {
    for (const [name, value] of Object.entries(given.fields)) {
      if (form.elements[name] && name !== "key") form.elements[name].value = value;
    }
    await drop(given.key, "titipan");
  }
}

async function showBox() {
  const all = await entries();
  for (const link of document.querySelectorAll("[data-box]")) {
    link.hidden = !all.length;
    link.querySelector("b").textContent = all.length;
  }
  const list = document.getElementById("kotak");
  if (!list) return;
  document.getElementById("kosong").hidden = all.length > 0;
  list.replaceChildren(...all.reverse().map(card));
}

function card(entry) {
  const name = entry.page ? "terkirim" : "menunggu";
  const one = document.getElementById(name).content.cloneNode(true).firstElementChild;
  one.querySelector("blockquote").textContent = entry.fields.text || entry.fields.url;
  const after = (name, act) => one.querySelector(`[data-do=${name}]`)?.addEventListener("click", act);
  after("drop", () => drop(entry.key).then(showBox));
  after("try", () => sendAll().then(showBox));
  after("mend", async () => {
    await keep({ key: entry.key, fields: entry.fields }, "titipan");
    await drop(entry.key);
    location.assign("/");
  });
  const busy = one.querySelector("[data-busy]");
  if (busy) busy.hidden = !busyUntil;
  if (entry.page) one.querySelector("a").href = entry.page;
  if (entry.problem) {
    one.querySelector(".note").hidden = one.querySelector("[data-do=mend]").hidden = false;
    one.querySelector(".note").textContent = entry.problem;
    one.querySelector("[data-do=try]").hidden = true;
  }
  return one;
}

function startPage() {
  copyAndShare();
  if (!("indexedDB" in self) || !crypto.randomUUID) return;
  for (const form of document.querySelectorAll("[data-send]")) {
    sendFrom(form);
    fillFromShare(form).catch(() => {});
  }
  const goOn = () => sendAll().then(showBox, () => {});
  showBox().then(goOn, () => {});
  addEventListener("online", goOn);
  // After the page itself: on a slow link the two would wait for each other.
  addEventListener("load", () => navigator.serviceWorker?.register("/pekerja.js").catch(() => {}));
}

if (self.document) startPage();
