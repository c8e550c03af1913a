// Signs the same requests with each signer, first once to compare the signatures, then many times by the clock.
import { signRequest } from "@aws-amplify/core/internals/aws-client-utils";
import { Sha256 as Sha256Browser } from "@aws-crypto/sha256-browser";
import { Sha256 as Sha256Js } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsV4Signer } from "aws4fetch";

const credentials = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  // As long as those of an identity pool.
  sessionToken: "IQoJb3JpZ2luX2VjE".padEnd(1200, "Ab3/+xYz"),
};
// Rounds until the browser has optimized the code.
const WARM_UP = 4;
const region = "eu-west-1";
const service = "execute-api";
const host = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";
const path = "/latest/todos";
const url = `https://${host}${path}`;
const key = { "x-api-key": "your-api-gateway-key-value" };
const date = new Date("2026-01-02T03:04:05Z");
const datetime = "20260102T030405Z";
const seconds = date.getTime() / 1000;
// Bytes from which the library leaves the digest of a body to the browser.
const DIGEST_BY_BROWSER = 16 << 10;

const requests = [
  ["GET", 0, 400],
  ["POST, 1 KiB", 1 << 10, 400],
  ["POST, 64 KiB", 1 << 16, 60],
  ["POST, 1 MiB", 1 << 20, 8],
].map(([name, size, batch]) => ({
  name,
  batch,
  method: size ? "POST" : "GET",
  body: size ? new Uint8Array(size).map((_, index) => 32 + (index % 90)) : undefined,
  headers: size ? { ...key, "content-type": "application/json" } : key,
}));

const smithy = (sha256) => {
  const signer = new SignatureV4({ credentials, region, service, sha256, uriEscapePath: true, applyChecksum: false });
  return async ({ method, headers, body }) => {
    const request = { method, protocol: "https:", hostname: host, path, query: {}, headers: { ...headers, host }, body };
    return (await signer.sign(request, { signingDate: date })).headers.authorization;
  };
};

// Each returns the Authorization header.
const signers = (library) => ({
  "Velvet Rope": library,
  aws4fetch: async ({ method, headers, body }) => {
    const signer = new AwsV4Signer({ ...credentials, url, method, headers, body, region, service, datetime, allHeaders: true });
    return (await signer.sign()).headers.get("authorization");
  },
  "@smithy/signature-v4, sha256-browser": smithy(Sha256Browser),
  "@smithy/signature-v4, sha256-js": smithy(Sha256Js),
  "@aws-amplify/core": async ({ method, headers, body }) => {
    const options = { credentials, signingDate: date, signingRegion: region, signingService: service };
    return signRequest({ method, url: new URL(url), headers: { ...headers }, body }, options).headers.authorization;
  },
});

const signatureOf = (authorization) => /Signature=([0-9a-f]{64})/.exec(authorization)?.[1];

// Microseconds for one signature, the mean of a batch.
async function round(sign, request) {
  const start = performance.now();
  for (let index = 0; index < request.batch; index += 1) await sign(request);
  return ((performance.now() - start) * 1000) / request.batch;
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

async function measure(library, rounds) {
  const all = Object.entries(signers(library));
  const table = [];
  for (const request of requests) {
    const signatures = {};
    for (const [name, sign] of all) signatures[name] = signatureOf(await sign(request));
    const times = Object.fromEntries(all.map(([name]) => [name, []]));
    // The first rounds warm up. The signers take turns, so that whatever slows the machine down slows down all of them.
    for (let index = -WARM_UP; index < rounds; index += 1) {
      for (const [name, sign] of all) {
        const time = await round(sign, request);
        if (index >= 0) times[name].push(time);
      }
    }
    const medians = all.map(([name]) => [name, median(times[name])]);
    table.push({ request: request.name, signatures, microseconds: Object.fromEntries(medians) });
  }
  return table;
}

async function run() {
  const { default: start, Signer } = await import("./signer.js");
  await start();
  const signer = new Signer(credentials.accessKeyId, credentials.secretAccessKey, credentials.sessionToken, region, service);
  const none = new Uint8Array();
  const library = async ({ method, headers, body = none }) => {
    // As the library does: it hands on the digest of a large body, and not the bytes.
    const large = body.length >= DIGEST_BY_BROWSER;
    const digest = large ? new Uint8Array(await crypto.subtle.digest("SHA-256", body)) : none;
    const request = [method, url, ...Object.entries(headers).flat()].join("\n");
    return signer.sign(request, large ? none : body, digest, seconds).split("\n")[1];
  };
  return { browser: navigator.userAgent, requests: await measure(library, 25) };
}

const post = (result) => fetch("/result", { method: "POST", body: JSON.stringify(result) });
run().then(post, (error) => post({ error: String(error?.stack ?? error) }));
