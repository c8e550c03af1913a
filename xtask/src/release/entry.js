// Starts the app. `cargo xtask dist` writes this into the page in place of Trunk's script.
import init from "SCRIPT";

const MODULE = "MODULE";
const PARTS = ["PARTS"];

function hint(rel, parts) {
  for (const part of parts) {
    const link = document.createElement("link");
    Object.assign(link, { rel, as: "fetch", crossOrigin: "anonymous", href: part });
    document.head.append(link);
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
hint("preload", PARTS.filter(isNeeded));
await init({ module_or_path: MODULE });
// A session that takes long to restore does not keep the rest of the app hidden.
setTimeout(() => document.getElementById("main") && document.getElementById("boot")?.remove(), 1000);
// When the network is idle, so that the first click finds them here. The API console is not for every visitor.
hint("prefetch", PARTS.filter((part) => !isNeeded(part) && !isConsole(part)));
