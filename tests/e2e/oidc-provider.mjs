// The OpenID providers of the end-to-end tests: the npm package `oidc-provider`, once for each test.
//
//   node oidc-provider.mjs FOLDER
//
// FOLDER is the `node_modules` folder with the package. The process says `listening on PORT`. Settings that are posted
// to that port (JSON, see `Settings` in src/oidc) start a provider; the response is its port. The process ends when its
// standard input does.

import { createServer } from 'node:http';

import { control, read } from './oidc/control.mjs';
import { openIdentityServers } from './oidc/identity-server.mjs';

const [folder] = process.argv.slice(2);
if (!folder) {
  process.stderr.write('usage: node oidc-provider.mjs FOLDER\n');
  process.exit(2);
}
// What the package says belongs in the log; only one line of standard output is ever read.
console.log = console.error;
console.info = console.error;
process.stdin.resume().on('end', () => process.exit(0));

const newIdentityServer = await openIdentityServers(folder);

/** Listens on a free port of this machine; resolves to the port. */
function listen(handle) {
  const server = createServer(async (request, response) => {
    try {
      await handle(request, response);
    } catch (error) {
      process.stderr.write(`${error.stack}\n`);
      response.destroy();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

/** Starts a provider; resolves to its port. */
function startProvider(settings) {
  const identity = newIdentityServer(settings);
  return listen((request, response) => {
    const [, prefix, action] = request.url.split('/');
    return prefix === '_test' ? control(identity, action, request, response) : identity.handle(request, response);
  });
}

const port = await listen(async (request, response) => {
  response.end(JSON.stringify(await startProvider(JSON.parse(await read(request)))));
});
process.stdout.write(`listening on ${port}\n`);
