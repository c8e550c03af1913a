// Headless Chromium with an empty profile, and the DevTools protocol over its two pipes: one JSON object after the other, each
// ended by a zero byte.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The command line, without where the profile is.
export const OPTIONS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
  // Otherwise each new window loads two pages for its address bar, beside the page that is measured.
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,PreloadTopChromeWebUI",
];

// Starts a browser. `close` ends it and removes its profile.
export async function launch(chromium) {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const browser = connect(spawn(chromium, [
    ...OPTIONS,
    `--user-data-dir=${folder}`, "--remote-debugging-pipe",
  ], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] }));
  const close = async () => {
    browser.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  };
  return { ...browser, close };
}

function connect(process_) {
  const [output, input] = [process_.stdio[3], process_.stdio[4]];
  process.on("exit", () => process_.kill("SIGKILL"));
  const waiting = new Map();
  const listeners = [];
  let last = 0;
  let rest = Buffer.alloc(0);
  input.on("data", (data) => {
    rest = Buffer.concat([rest, data]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      receive(JSON.parse(rest.subarray(0, end).toString()));
      rest = rest.subarray(end + 1);
    }
  });
  function receive({ id, result, error, method, params, sessionId }) {
    if (id) {
      const { resolve, reject, name } = waiting.get(id);
      waiting.delete(id);
      if (error) reject(new Error(`${name}: ${error.message}`));
      else resolve(result);
    }
    for (const listener of listeners.filter((one) => one.method === method && one.sessionId === sessionId)) {
      listeners.splice(listeners.indexOf(listener), 1);
      listener.resolve(params);
    }
  }
  return {
    send: (name, params = {}, sessionId = undefined) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject, name });
        output.write(JSON.stringify({ id: last, method: name, params, sessionId }) + "\0");
      }),
    // The next event of this name. A page that never gets there fails the run.
    once: (method, sessionId) =>
      new Promise((resolve, reject) => {
        listeners.push({ method, sessionId, resolve });
        setTimeout(() => reject(new Error(`no ${method} within 60 seconds`)), 60_000).unref();
      }),
    close: () => process_.kill("SIGKILL"),
  };
}
