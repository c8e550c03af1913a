// What a test can change at a running provider, under `/_test/`.

/** Runs `action`, and responds with its result. */
export async function control(identity, action, request, response) {
  const body = await read(request);
  const actions = {
    settings: (settings) => identity.change(settings),
    'rotate-keys': ({ keep }) => identity.rotateKeys(keep),
    'end-sessions': () => identity.endSessions(),
    'revoke-grants': () => identity.revokeGrants(),
    sign: ({ token, claims, forged }) => identity.sign(token, claims, forged),
  };
  const known = Object.hasOwn(actions, action);
  response.writeHead(known ? 200 : 404, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify((known && actions[action](JSON.parse(body))) ?? null));
}

/** The whole body of a request. */
export async function read(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
