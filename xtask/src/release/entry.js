// Starts the app. `cargo xtask dist` writes this and what it imports into the page, in place of Trunk's script.
import init from "SCRIPT";

const MODULE = "MODULE";
const STYLE = ["stylesheet", "STYLE", { integrity: "DIGEST" }];
const PARTS = ["PARTS"];
// How long the first view has the processor and the line for itself, in milliseconds.
const IDLE = 1500;

function link(rel, href, more) {
  document.head.append(Object.assign(document.createElement("link"), { rel, href, ...more }));
}

// Into the browser's cache. Not by `prefetch`: Firefox counts that as `default-src`, which the policy forbids, and Safari does not
// know it.
async function load(part) {
  try {
    await (await fetch(part, { priority: "low" })).arrayBuffer();
  } catch {
    // The app asks for it again when it needs it, and says what is wrong.
  }
}

// Whether this page has a session, or is about to get one. Storage may be blocked.
function hasSession() {
  if (/[?&](code|error)=/.test(location.search)) return true;
  try {
    const keys = [...Object.keys(sessionStorage), ...Object.keys(localStorage)];
    return keys.some((key) => /^velvet-rope\.(session|sign-)/.test(key));
  } catch {
    return false;
  }
}

// The app takes it from here (`client/load.rs`). If it is not there in time or unusable, the app loads the file itself.
window.velvetRopeConfig = fetch("/config.json", { signal: globalThis.AbortSignal?.timeout?.(10_000) })
  .then((answer) => (answer.ok ? answer.text() : ""))
  .catch(() => "");

const session = hasSession();
const { pathname } = location;
const tool = ["/console", "/doctor"].includes(pathname);
const isConsole = (part) => part.startsWith("/console-");
// Without a session, these two pages need their own part and that with the router; they fetch what they share with others.
const isNeeded = (part) =>
  isConsole(part) ? tool : session || (pathname !== "/" && (!tool || part.startsWith("/session-")));
// Together with the module of the app, not after it.
for (const part of PARTS.filter(isNeeded)) link("preload", part, { as: "fetch", crossOrigin: "anonymous" });
const isFirstView = !session && pathname === "/";
if (!isFirstView) link(...STYLE);
const boot = document.getElementById("boot");
const shown = new Promise((resolve) => {
  new MutationObserver((_, observer) => {
    if (boot.isConnected) return;
    observer.disconnect();
    resolve();
  }).observe(document.body, { childList: true });
});
await init({ module_or_path: MODULE });
// A session that takes long to restore does not keep the rest of the app hidden.
setTimeout(() => document.getElementById("main") && boot.remove(), 1000);
// What the page shows now comes before what the first click needs.
await shown;
if (isFirstView) link(...STYLE);
// The API console is not for every visitor.
const loadRest = () => PARTS.filter((part) => !isNeeded(part) && !isConsole(part)).forEach(load);
// When nothing else is under way, or at the first sign of a user who is about to click.
const signs = new AbortController();
function loadOnce() {
  if (signs.signal.aborted) return;
  signs.abort();
  loadRest();
}
for (const sign of ["pointermove", "pointerdown", "keydown"]) {
  addEventListener(sign, loadOnce, { signal: signs.signal, passive: true });
}
const loadSoon = () => setTimeout(loadOnce, IDLE);
if (document.readyState === "complete") loadSoon();
else addEventListener("load", loadSoon);
