"use strict";
// The service worker: pages of the reporter without a signal, and messages that wait for one.
importScripts({{ static_url('penjaga.js') | tojson }});

const KEPT = {{ ('penjaga-' ~ version) | tojson }};
const FIRST = {{ first | tojson }};
// Pages that are kept as they were seen last; others need a signal.
const PAGES = {{ pages | tojson }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FIRST)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const others = (names) => names.filter((name) => name !== KEPT).map((name) => caches.delete(name));
  event.waitUntil(caches.keys().then((names) => Promise.all(others(names))).then(() => self.clients.claim()));
});

self.addEventListener("sync", (event) => event.waitUntil(sendAll()));

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const path = new URL(request.url).pathname;
  if (new URL(request.url).origin !== location.origin) return;
  if (request.method === "POST" && path === "/bagikan") event.respondWith(shared(request));
  else if (request.method !== "GET") return;
  else if (request.mode === "navigate") event.respondWith(page(request, path));
  else if (path.startsWith("/static/")) event.respondWith(fromKept(request));
});

async function fromKept(request) {
  return (await caches.match(request)) || fetch(request);
}

async function page(request, path) {
  try {
    const reply = await fetch(request);
    if (reply.ok && PAGES.includes(path) && !new URL(request.url).search) {
      const kept = await caches.open(KEPT);
      await kept.put(path, reply.clone());
    }
    return reply;
  } catch (failure) {
    const kept = await caches.match(PAGES.includes(path) ? path : "/kotak");
    if (kept) return kept;
    throw failure;
  }
}

// What another app shares goes into the form; without a signal, by way of the device.
async function shared(request) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    const given = await copy.formData();
    const text = ["title", "text", "url"].map((name) => given.get(name)).filter(Boolean).join("\n");
    await keep({ key: crypto.randomUUID(), fields: { text } }, "titipan");
    return Response.redirect("/", 303);
  }
}
