// node run.mjs PLAN: loads each site of the plan in headless Chromium, again and again, and prints what was measured.
import { readFileSync } from "node:fs";
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const PROFILES = {
  fast: { cpu: 1, network: { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 } },
  slow: { cpu: 4, network: { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 } },
};
// How long the page is watched after it is ready, for its processor time and shifts, in milliseconds.
const SETTLE = 1000;
// How long a user needs at least to sign in, in milliseconds. Meanwhile the start page fetches what it needs later.
const AT_PROVIDER = 3000;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// The page that a sign-in comes back to, and the buttons by which a page is ready. The frame in the HTML has neither.
const CALLBACK = "/authenticated";
const SIGN_IN = "button.sign-in-button";
const SIGNED_IN = "button.user-menu-button";

// Runs in each page before its own scripts.
function watch(callback, signIn, signedIn) {
  const ready = location.pathname === callback ? signedIn : signIn;
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

// A tab of a browser that has stored nothing.
async function openTab(browser, profile) {
  const { browserContextId } = await browser.send("Target.createBrowserContext");
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  await send("Page.enable");
  await send("Runtime.enable");
  await send("Network.enable");
  // Time of the processor: without it, a task lasts longer while other processes of the browser have the processor.
  await send("Performance.enable", { timeDomain: "threadTicks" });
  await send("Runtime.addBinding", { name: "reportReady" });
  const names = [CALLBACK, SIGN_IN, SIGNED_IN].map((name) => JSON.stringify(name));
  await send("Page.addScriptToEvaluateOnNewDocument", { source: `(${watch})(${names})` });
  await send("Network.emulateNetworkConditions", profile.network);
  await send("Emulation.setCPUThrottlingRate", { rate: profile.cpu });
  return {
    send,
    value: async (expression) => (await send("Runtime.evaluate", { expression })).result.value,
    // Until the page is ready, in milliseconds.
    async open(url) {
      const ready = browser.once("Runtime.bindingCalled", sessionId);
      await send("Page.navigate", { url });
      return Number((await ready).payload);
    },
    close: () => browser.send("Target.disposeBrowserContext", { browserContextId }),
  };
}

async function load(browser, { server }, profile) {
  const tab = await openTab(browser, profile);
  server.reset();
  const ready = await tab.open(server.origin + "/");
  const traffic = server.traffic();
  await pause(SETTLE);
  const { metrics } = await tab.send("Performance.getMetrics");
  const seconds = metrics.find((metric) => metric.name === "TaskDuration").value;
  const measured = { ready, cpu: seconds * 1000, shift: await tab.value("window.shifts"), ...traffic };
  await tab.close();
  return measured;
}

// From the address of the callback to the signed-in page. The browser has the files of the release, as after each sign-in.
async function signIn(browser, { server }, profile) {
  const tab = await openTab(browser, profile);
  await tab.open(server.origin + "/");
  await pause(AT_PROVIDER);
  const authorization = server.authorization();
  await tab.value(`document.querySelector("${SIGN_IN}").click()`);
  const { state } = await authorization;
  const ready = await tab.open(`${server.origin}${CALLBACK}?code=1&state=${encodeURIComponent(state)}`);
  await tab.close();
  return ready;
}

const browser = await launch(plan.chromium);
const sites = [];
for (const site of plan.sites) {
  sites.push({ ...site, server: await serve(site), runs: { fast: [], slow: [], callback: { fast: [], slow: [] } } });
}
for (const [name, profile] of Object.entries(PROFILES)) {
  // The first round warms the browser up and does not count.
  for (let round = 0; round <= plan.rounds[name]; round++) {
    // Another one is the first in each round: each page comes after each other one.
    const first = round % sites.length;
    for (const site of [...sites.slice(first), ...sites.slice(0, first)]) {
      const measured = await load(browser, site, profile);
      const callback = site.signs_in ? await signIn(browser, site, profile) : undefined;
      if (round === 0) continue;
      site.runs[name].push(measured);
      if (site.signs_in) site.runs.callback[name].push(callback);
    }
  }
}
const { product } = await browser.send("Browser.getVersion");
const answer = { browser: product, sites: sites.map(({ name, runs }) => ({ name, ...runs })) };
await browser.close();
process.stdout.write(JSON.stringify(answer), () => process.exit());
