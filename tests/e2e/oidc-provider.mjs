// An OpenID provider for one scenario of the end-to-end tests: the npm package `oidc-provider`, with one public
// client, a log of what it was asked, and faults that a test switches on (see src/oidc.rs, which starts this).
//
//   node oidc-provider.mjs FOLDER SETTINGS
//
// FOLDER is the `node_modules` that holds the package, SETTINGS is JSON (see `Settings` in src/oidc). It listens on the
// port in the settings, or else on a free one, says `listening on PORT`, and ends when its standard input does.

import { createServer } from 'node:http';

import { Control } from './oidc/control.mjs';
import { Journal } from './oidc/journal.mjs';
import { Faults } from './oidc/faults.mjs';
import { IdentityServer } from './oidc/identity-server.mjs';

const [folder, settings] = process.argv.slice(2);
if (!settings) {
  process.stderr.write('usage: node oidc-provider.mjs FOLDER SETTINGS\n');
  process.exit(2);
}
process.stdin.resume().on('end', () => process.exit(0));

const server = createServer();
server.listen(JSON.parse(settings).port ?? 0, '127.0.0.1', async () => {
  const { port } = server.address();
  const identity = await IdentityServer.open(folder, port, JSON.parse(settings));
  const journal = new Journal();
  const faults = new Faults(identity, journal);
  const control = new Control(identity, journal, faults);
  server.on('request', async (request, response) => {
    // A browser sends a request again by itself when a connection breaks that it has used before; a test that
    // breaks one must see what the site does, not what the browser does.
    response.setHeader('Connection', 'close');
    try {
      const url = new URL(request.url, identity.issuer);
      if (url.pathname.startsWith('/_test/')) {
        await control.answer(url.pathname.slice('/_test/'.length), request, response);
      } else {
        await faults.answer(await journal.enter(url, request, response), request, response);
      }
    } catch (error) {
      process.stderr.write(`${error.stack}\n`);
      response.destroy();
    }
  });
  process.stdout.write(`listening on ${port}\n`);
});
