// node run.mjs PLAN: loads each site of the plan in headless Chromium, again and again, and prints what was measured.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "./browser.mjs";
import { serve } from "./server.mjs";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const PROFILES = {
  fast: { cpu: 1, network: { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 } },
  slow: { cpu: 4, network: { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 } },
};
// How long the page is watched after it is ready, for its processor time and shifts, in milliseconds.
const SETTLE = 1000;

// Runs in each page before its own scripts. The button of the running app has this class; the frame in the HTML has not.
function watch(ready) {
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const observer = new MutationObserver(() => {
    if (!document.querySelector(ready)) return;
    observer.disconnect();
    window.reportReady(String(performance.now()));
  });
  observer.observe(document, { childList: true, subtree: true });
}

async function load(browser, site, profile, run) {
  const { browserContextId } = await browser.send("Target.createBrowserContext");
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  await send("Page.enable");
  await send("Runtime.enable");
  await send("Network.enable");
  await send("Performance.enable");
  await send("Runtime.addBinding", { name: "reportReady" });
  await send("Page.addScriptToEvaluateOnNewDocument", { source: `(${watch})(${JSON.stringify(run.ready)})` });
  await send("Network.emulateNetworkConditions", profile.network);
  await send("Emulation.setCPUThrottlingRate", { rate: profile.cpu });
  const value = async (expression) => (await send("Runtime.evaluate", { expression })).result.value;
  const isReady = () => browser.once("Runtime.bindingCalled", sessionId);

  site.server.reset();
  let ready = isReady();
  await send("Page.navigate", { url: site.server.origin + "/" });
  let at = Number((await ready).payload);
  const traffic = site.server.traffic();
  await new Promise((resolve) => setTimeout(resolve, SETTLE));
  const { metrics } = await send("Performance.getMetrics");
  const seconds = metrics.find((metric) => metric.name === "TaskDuration").value;
  const measured = { ready: at, cpu: seconds * 1000, shift: await value("window.shifts"), ...traffic };
  await browser.send("Target.disposeBrowserContext", { browserContextId });
  return measured;
}

const folder = await mkdtemp(join(tmpdir(), "bench-load-"));
const browser = await connect(spawn(plan.chromium, [
  "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
  `--user-data-dir=${folder}`, "--remote-debugging-pipe",
], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] }));
const sites = [];
for (const site of plan.sites) sites.push({ ...site, server: await serve(site), runs: { fast: [], slow: [] } });
for (const [name, profile] of Object.entries(PROFILES)) {
  // The first round warms the browser up and does not count.
  for (let round = 0; round <= plan.rounds; round++) {
    for (const site of sites) {
      const measured = await load(browser, site, profile, { ready: "button.sign-in-button" });
      if (round > 0) site.runs[name].push(measured);
    }
  }
}
const { product } = await browser.send("Browser.getVersion");
const answer = { browser: product, sites: sites.map(({ name, runs }) => ({ name, ...runs })) };
browser.close();
await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
process.stdout.write(JSON.stringify(answer), () => process.exit());
