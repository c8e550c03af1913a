// A provider for the app, on its own server: it signs in each user who comes, without a form.
import { generateKeyPairSync, sign } from "node:crypto";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const POOL = "eu-west-1_Bench";
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function provider() {
  let expected;
  const answers = {
    // The bench reads where the browser would go next, and goes there itself: this page load is not measured.
    "/oauth2/authorize": (origin, query) => {
      expected.resolve({ state: query.get("state"), nonce: query.get("nonce") });
      return undefined;
    },
    "/oauth2/token": (origin) => {
      const iat = Math.floor(Date.now() / 1000);
      const header = part({ alg: "RS256", kid: "bench" });
      const payload = part({
        iss: `${origin}/${POOL}`, aud: "bench", sub: "7f3a", token_use: "id", nonce: expected.nonce,
        "cognito:username": "demouser", email: "demouser@example.com", iat, auth_time: iat, exp: iat + 3600,
      });
      const signature = sign("sha256", Buffer.from(`${header}.${payload}`), privateKey).toString("base64url");
      const id_token = `${header}.${payload}.${signature}`;
      return { id_token, access_token: "access", refresh_token: "refresh", token_type: "Bearer", expires_in: 3600 };
    },
    [`/${POOL}/.well-known/jwks.json`]: () => ({
      keys: [{ ...publicKey.export({ format: "jwk" }), kid: "bench", alg: "RS256", use: "sig" }],
    }),
  };
  return {
    config: (origin, config) => ({
      ...config,
      region: "eu-west-1",
      user_pool: { id: POOL, client_id: "bench", domain: origin, endpoint: origin, issuer: `${origin}/${POOL}` },
    }),
    // What the next request for an authorization asks for.
    authorization: async () => {
      const asked = new Promise((resolve) => (expected = { resolve }));
      const authorization = await asked;
      expected.nonce = authorization.nonce;
      return authorization;
    },
    has: (path) => path in answers,
    answer: (origin, path, query) => answers[path](origin, query),
  };
}
