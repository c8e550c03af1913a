// Serves a folder on a port of its own, with brotli at the highest level and the headers that the plan gives.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { provider } from "./provider.mjs";

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
  const signIn = provider();
  let counted;
  let origin;
  function file(name) {
    if (!files.has(name)) {
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
      let content = readFileSync(join(folder, name));
      if (name === "config.json") content = JSON.stringify(signIn.config(origin, JSON.parse(content)));
      files.set(name, brotliCompressSync(content, { params }));
    }
    return files.get(name);
  }
  const server = createServer((request, response) => {
    const [path, query] = request.url.split("?");
    if (signIn.has(path)) {
      const answer = signIn.answer(origin, path, new URLSearchParams(query));
      response.writeHead(answer ? 200 : 204, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(answer && JSON.stringify(answer));
      return;
    }
    const name = /\.[^/]*$/.test(path) ? path.slice(1) : "index.html";
    const extension = name.split(".").pop();
    let body;
    try {
      body = TYPES[extension] && file(name);
    } catch {
      body = undefined;
    }
    const cache = /-[0-9a-f]{16}/.test(name) ? "public, max-age=31536000, immutable" : "no-cache";
    const found = { "content-type": TYPES[extension], "content-encoding": "br", "cache-control": cache };
    // Hosts speak HTTP/2, in which a header costs one byte when it comes again; here it would cost all of them.
    const policies = extension === "html" ? headers : {};
    response.writeHead(body ? 200 : 404, { ...policies, ...(body ? found : {}), "content-length": body?.length ?? 0 });
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
      origin = `http://localhost:${server.address().port}`;
      resolve({ origin, reset, traffic: () => ({ ...counted }), authorization: signIn.authorization });
    });
  });
}
