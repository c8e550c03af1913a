// node run.mjs PLAN: uses the API console in headless Chromium with a processor that is slowed down four times, and prints what
// was measured.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch } from "../load/browser.mjs";
import { serve } from "../load/server.mjs";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const CPU = 4;
const SEARCH = "orders item 17";
const SCROLLS = 60;

// Runs in the page before its own scripts.
function watch(selector) {
  window.tasks = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.tasks.push(entry.duration);
  }).observe({ type: "longtask", buffered: true });
  window.frames = [];
  let last = 0;
  const frame = (now) => {
    if (last) window.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const observer = new MutationObserver(() => {
    if (!document.querySelector(selector)) return;
    observer.disconnect();
    window.reportReady(String(performance.now()));
  });
  observer.observe(document, { childList: true, subtree: true });
}

async function open(browser, site, cpu, path, selector) {
  const { browserContextId } = await browser.send("Target.createBrowserContext");
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank", browserContextId, width: 1280, height: 900 });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  await send("Page.enable");
  await send("Runtime.enable");
  await send("Runtime.addBinding", { name: "reportReady" });
  await send("Page.addScriptToEvaluateOnNewDocument", { source: `(${watch})(${JSON.stringify(selector)})` });
  await send("Emulation.setCPUThrottlingRate", { rate: cpu });
  const value = async (expression) => (await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true })).result.value;
  const ready = browser.once("Runtime.bindingCalled", sessionId);
  await send("Page.navigate", { url: site.origin + path });
  const at = Number((await ready).payload);
  return { send, value, ready: at, close: () => browser.send("Target.disposeBrowserContext", { browserContextId }) };
}

const pause = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

async function longestFrame(page, use) {
  await page.value("window.frames.length = 0");
  await use();
  await page.value(pause);
  return page.value("Math.max(0, ...window.frames)");
}

async function operations(browser, site) {
  const page = await open(browser, site, CPU, "/console", ".import-title");
  const count = await page.value("document.querySelector('.import')?.innerText.match(/(\\d+) operations/)?.[1]");
  const scrolling = await longestFrame(page, async () => {
    for (let step = 1; step <= SCROLLS; step += 1) {
      await page.value(`document.getElementById("operations").scrollTop = ${step * 1500}; ${pause}`);
    }
  });
  await page.value("document.getElementById('operation-search').focus()");
  const typing = await longestFrame(page, async () => {
    for (const text of SEARCH) {
      await page.send("Input.dispatchKeyEvent", { type: "keyDown", text, key: text });
      await page.send("Input.dispatchKeyEvent", { type: "keyUp", key: text });
      await page.value(pause);
    }
  });
  const found = await page.value("document.querySelectorAll('.operation').length");
  await page.close();
  return { count: Number(count), found, scrolling, typing };
}

async function largest(browser, site) {
  // The server compresses a file when it is first asked for, which takes seconds for the app: the first visit is not measured.
  await (await open(browser, site, 1, "/console", ".import-title")).close();
  const page = await open(browser, site, 1, "/console", ".import-title");
  const task = await page.value("Math.max(0, ...window.tasks)");
  await page.close();
  return { ready: page.ready, task };
}

// Calls a route of the site itself that answers 10 MB of JSON.
async function answer(browser, plan_) {
  const site = await serve(plan_);
  const file = join(plan_.folder, "config.json");
  const config = JSON.parse(readFileSync(file, "utf8"));
  config.api.base_url = site.origin;
  writeFileSync(file, JSON.stringify(config));
  const page = await open(browser, site, 1, "/console?operation=GET%20%2Fanswer.json", ".request-send");
  const until = (selector) =>
    `new Promise((done) => { const check = () => document.querySelector(${JSON.stringify(selector)}) ? done() : setTimeout(check, 20); check(); })`;
  await page.value("window.tasks.length = 0; document.querySelector('.request-send button').click()");
  await page.value(until(".json-row"));
  await page.value("document.querySelector('.json-folds button').click()");
  const unfolded = await longestFrame(page, async () => {
    for (let step = 1; step <= SCROLLS; step += 1) {
      await page.value(`document.getElementById("json-tree").scrollTop = ${step * 100_000}; ${pause}`);
    }
  });
  const task = await page.value("Math.max(0, ...window.tasks)");
  await page.close();
  return { task, scrolling: unfolded };
}

const browser = await launch(plan.chromium);
const { product } = await browser.send("Browser.getVersion");
const result = {
  browser: product,
  operations: await operations(browser, await serve(plan.operations)),
  largest: await largest(browser, await serve(plan.largest)),
  body: await answer(browser, plan.answer),
};
console.log(JSON.stringify(result));
await browser.close();
process.exit(0);
