// Serves a folder on a port of its own, with brotli at the highest level and the headers that the plan gives.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const TYPES = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  wasm: "application/wasm",
  json: "application/json",
  svg: "image/svg+xml",
};

export function serve({ folder, headers }) {
  const files = new Map();
  let counted;
  function file(name) {
    if (!files.has(name)) {
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
      files.set(name, brotliCompressSync(readFileSync(join(folder, name)), { params }));
    }
    return files.get(name);
  }
  const server = createServer((request, response) => {
    const path = request.url.split("?")[0];
    const name = /\.[^/]*$/.test(path) ? path.slice(1) : "index.html";
    const extension = name.split(".").pop();
    let body;
    try {
      body = TYPES[extension] && file(name);
    } catch {
      body = undefined;
    }
    const found = { "content-type": TYPES[extension], "content-encoding": "br", "cache-control": "no-cache" };
    response.writeHead(body ? 200 : 404, { ...headers, ...(body ? found : {}), "content-length": body?.length ?? 0 });
    response.end(body);
    // What is fetched in idle time does not delay the page.
    if (request.headers["sec-purpose"] === "prefetch") return;
    counted.requests += 1;
    counted.bytes += response._header.length + (body?.length ?? 0);
  });
  const reset = () => (counted = { requests: 0, bytes: 0 });
  reset();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const origin = `http://localhost:${server.address().port}`;
      resolve({ origin, reset, traffic: () => ({ ...counted }) });
    });
  });
}
