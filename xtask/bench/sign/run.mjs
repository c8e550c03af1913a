// node run.mjs FOLDER CHROMIUM: serves FOLDER, opens it in headless Chromium, and prints what the page sends back.
import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { OPTIONS } from "../load/browser.mjs";

const [folder, chromium] = process.argv.slice(2);
const types = { html: "text/html", js: "text/javascript", wasm: "application/wasm" };
const profile = join(folder, "profile");

const result = await new Promise((resolve, reject) => {
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      const parts = [];
      for await (const part of request) parts.push(part);
      response.end();
      resolve(Buffer.concat(parts).toString());
      return;
    }
    const name = request.url === "/" ? "index.html" : request.url.slice(1);
    const type = types[name.split(".").pop()];
    const content = await readFile(join(folder, name)).catch(() => undefined);
    response.writeHead(content && type ? 200 : 404, { "content-type": type ?? "text/plain" });
    response.end(content);
  });
  server.listen(0, "127.0.0.1", () => {
    const address = `http://localhost:${server.address().port}/`;
    const browser = spawn(chromium, [...OPTIONS, `--user-data-dir=${profile}`, address], { stdio: "ignore" });
    browser.on("error", reject);
    browser.on("exit", (code) => reject(new Error(`the browser ended before the page was done (${code})`)));
    process.on("exit", () => browser.kill("SIGKILL"));
  });
});
await rm(profile, { recursive: true, force: true }).catch(() => undefined);
process.stdout.write(result, () => process.exit());
