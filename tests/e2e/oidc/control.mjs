// What the tests ask of the provider beside the protocol, under `/_test/`.

import { read } from './journal.mjs';

/** Answers the tests. */
export class Control {
  #identity;
  #journal;
  #faults;

  constructor(identity, journal, faults) {
    this.#identity = identity;
    this.#journal = journal;
    this.#faults = faults;
  }

  /** Does what `verb` says and answers what there is to know. */
  async answer(verb, request, response) {
    const body = await read(request);
    const answer = this.#do(verb, body.length > 0 ? JSON.parse(body) : {});
    response.writeHead(answer === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer ?? null));
  }

  #do(verb, argument) {
    const verbs = {
      log: () => this.#journal.entries,
      secrets: () => this.#journal.secrets,
      forget: () => this.#journal.forget(),
      reset: () => {
        this.#journal.forget();
        this.#faults.heal();
      },
      faults: () => this.#faults.add(argument),
      heal: () => this.#faults.heal(),
      settings: () => this.#identity.change(argument),
      'rotate-keys': () => this.#identity.rotateKeys(argument.keep ?? true),
      'end-sessions': () => this.#identity.endSessions(),
      'revoke-grants': () => this.#identity.revokeGrants(),
    };
    return verb in verbs ? (verbs[verb]() ?? null) : undefined;
  }
}
