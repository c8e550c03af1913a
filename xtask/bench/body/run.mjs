// node run.mjs PLAN: sends a signed request with a large body in headless Chromium, and prints the longest time for which the
// main thread did nothing else. The identity pool and the API are fakes of this program: neither is measured.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { launch } from "../load/browser.mjs";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const TYPES = { html: "text/html", js: "text/javascript", wasm: "application/wasm" };
const FAKE_IDENTITY_POOL = {
  GetId: { IdentityId: "eu-west-1:00000000-1111-2222-3333-555555555555" },
  GetCredentialsForIdentity: {
    IdentityId: "eu-west-1:00000000-1111-2222-3333-555555555555",
    Credentials: {
      AccessKeyId: "ASIAEXAMPLE",
      SecretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      SessionToken: "session/token+example==",
      Expiration: Math.floor(Date.now() / 1000) + 3600,
    },
  },
};

function serve() {
  let origin;
  let received = 0;
  const config = () => {
    const config = JSON.parse(JSON.stringify(plan.config));
    Object.assign(config.identity_pool, { guest_access: true, endpoint: origin });
    config.api.base_url = origin + "/api";
    return JSON.stringify(config);
  };
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (data) => (bytes += data.length));
    request.on("end", () => {
      const path = request.url.split("?")[0];
      const operation = request.headers["x-amz-target"]?.split(".").pop();
      const answer = (type, body) => response.writeHead(200, { "content-type": type }).end(body);
      if (operation) return answer("application/x-amz-json-1.1", JSON.stringify(FAKE_IDENTITY_POOL[operation]));
      if (path === "/config.json") return answer("application/json", config());
      if (path.startsWith("/api/")) {
        received = request.headers.authorization ? bytes : 0;
        return answer("application/json", "{}");
      }
      const name = path === "/" ? "index.html" : path.slice(1);
      try {
        answer(TYPES[name.split(".").pop()] ?? "text/plain", readFileSync(join(plan.folder, name)));
      } catch {
        response.writeHead(404).end();
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      origin = `http://localhost:${server.address().port}`;
      resolve({ origin, received: () => received });
    });
  });
}

// Runs in the page: messages that the page sends to itself wait while the main thread does something else.
async function measure(url, length) {
  while (!window.wasmBindings) await new Promise((done) => setTimeout(done, 20));
  for (;;) {
    try {
      await window.wasmBindings.prepare();
      break;
    } catch (error) {
      if (!String(error).includes("not loaded yet")) throw error;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  const body = Uint8Array.from({ length }, (_, index) => index % 251);
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  let longest = 0;
  let running = true;
  port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) port2.postMessage(0);
  };
  port2.postMessage(0);
  const answer = JSON.parse(await window.wasmBindings.call("POST", url, [], body));
  await new Promise((done) => setTimeout(done, 50));
  running = false;
  if (answer.status !== 200) throw new Error(JSON.stringify(answer));
  return longest;
}

const site = await serve();
const browser = await launch(plan.chromium);
const { product } = await browser.send("Browser.getVersion");
const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
await browser.send("Page.enable", {}, sessionId);
const loaded = browser.once("Page.loadEventFired", sessionId);
await browser.send("Page.navigate", { url: site.origin + "/" }, sessionId);
await loaded;
const longest = [];
for (let round = 0; round <= plan.rounds; round += 1) {
  const expression = `(${measure})(${JSON.stringify(site.origin + "/api/upload")}, ${plan.length})`;
  const { result, exceptionDetails } = await browser.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true }, sessionId);
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  if (site.received() !== plan.length) throw new Error(`the API received ${site.received()} bytes with a signature`);
  // The first round warms the page up.
  if (round > 0) longest.push(result.value);
}
await browser.close();
process.stdout.write(JSON.stringify({ browser: product, longest }), () => process.exit());
