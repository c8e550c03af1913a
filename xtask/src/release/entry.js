// Starts the app. `cargo xtask dist` writes this into the page in place of Trunk's script.
import init from "SCRIPT";

const MODULE = "MODULE";
const PARTS = ["PARTS"];

function preload(part) {
  const link = document.createElement("link");
  Object.assign(link, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: part });
  document.head.append(link);
}

// Into the browser's cache.
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

const session = hasSession();
const { pathname } = location;
const tool = ["/console", "/doctor"].includes(pathname);
const isConsole = (part) => part.startsWith("/console-");
// Without a session, these two pages need no part but their own; it fetches what it shares with others.
const isNeeded = (part) =>
  isConsole(part) ? tool : session || (pathname !== "/" && !tool && !part.startsWith("/session-"));
// Together with the module of the app, not after it.
PARTS.filter(isNeeded).forEach(preload);
await init({ module_or_path: MODULE });
// A session that takes long to restore does not keep the rest of the app hidden.
setTimeout(() => document.getElementById("main") && document.getElementById("boot")?.remove(), 1000);
// After everything else, so that the first click finds them here. The API console is not for every visitor. Not by `prefetch`:
// Firefox counts that as `default-src`, which the policy forbids, and Safari does not know it.
const loadRest = () => PARTS.filter((part) => !isNeeded(part) && !isConsole(part)).forEach(load);
if (document.readyState === "complete") loadRest();
else addEventListener("load", loadRest);
