// Keeps the page itself on the device, so that it opens with no network. What the server says is
// never kept here: only the files of the shell.

const SHELL = "stowline-shell";
const FILES = ["./", "handheld.css", "app.js", "screen.js", "sign-in.js", "pad.js", "element.js",
  "scan.js", "signal.js", "server.js", "queue.js", "icon.svg", "manifest.webmanifest"];
const PATIENCE_MS = 2500;
const urls = new Set(FILES.map((file) => new URL(file, location).href));

addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

// The network first, so that a new release shows at once; the kept copy when it is slow or gone.
async function shell(request) {
  const cache = await caches.open(SHELL);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && urls.has(url.split(/[?#]/)[0])) event.respondWith(shell(event.request));
});
