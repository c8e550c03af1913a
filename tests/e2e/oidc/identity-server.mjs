// A provider: the configuration of `oidc-provider`, and what can change while it runs.

import { generateKeyPairSync, sign } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const SCOPES = 'openid email profile';
const DAY = 24 * 60 * 60;

/** Default settings. All times are in seconds. */
const DEFAULTS = {
  client_id: 'velvet-rope',
  redirect_uris: [],
  post_logout_redirect_uris: [],
  id_token_lifetime: 3600,
  access_token_lifetime: 3600,
  refresh_token_lifetime: DAY,
  session_lifetime: DAY,
  issue_refresh_tokens: true,
  rotate_refresh_tokens: true,
  confirm_sign_out: false,
  audience: undefined,
  federation: undefined,
  claims: {},
};

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = Math.random().toString(36).slice(2);
  return { privateKey, jwk: { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } };
}

/** The first key of every provider. To make one takes a while. */
const FIRST_KEY = newKey();

/** Loads the package from `folder`, and resolves to a function that makes a provider from its settings. */
export async function openIdentityServers(folder) {
  const resolve = createRequire(join(folder, 'of-the-suite.cjs')).resolve;
  const load = (file) => import(pathToFileURL(resolve(file)));
  const { Provider } = await load('oidc-provider');
  const { createMemoryAdapter } = await load('oidc-provider/lib/adapters/memory_adapter.js');
  return (settings) => new IdentityServer(Provider, createMemoryAdapter, settings);
}

/** A provider. When its settings, keys or stores change, it is built again around what stays. */
class IdentityServer {
  #Provider;
  #newStore;
  #keys = [FIRST_KEY];
  #sessions;
  #grants;
  #settings;
  #handle;

  constructor(Provider, newStore, settings) {
    this.#Provider = Provider;
    this.#newStore = newStore;
    this.#settings = { ...DEFAULTS, ...settings };
    this.#sessions = newStore();
    this.#grants = newStore();
    this.#build();
  }

  /** Responds to a request. */
  async handle(request, response) {
    await this.#handle(request, response);
  }

  /** Changes settings from now on. */
  change(settings) {
    Object.assign(this.#settings, settings);
    this.#build();
  }

  /** Signs with a new key from now on; with `keep` the old keys stay published. */
  rotateKeys(keep) {
    this.#keys = [newKey(), ...(keep ? this.#keys : [])];
    this.#build();
  }

  /** Ends all sessions; issued tokens stay valid. */
  endSessions() {
    this.#sessions = this.#newStore();
    this.#build();
  }

  /** Revokes all codes and tokens; sessions continue. */
  revokeGrants() {
    this.#grants = this.#newStore();
    this.#build();
  }

  /** Signs a token with the claims of `token`, changed by `claims`; with an unknown key if `forged`. */
  sign(token, claims, forged) {
    const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url'));
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const payloadClaims = { ...JSON.parse(payload), ...claims };
    const signed = `${header.toString('base64url')}.${encode(payloadClaims)}`;
    const { privateKey } = forged ? newKey() : this.#keys[0];
    return `${signed}.${sign('sha256', signed, privateKey).toString('base64url')}`;
  }

  #build() {
    const provider = new this.#Provider(this.#settings.issuer, this.#configuration());
    provider.use(withoutForeignFonts);
    this.#handle = provider.callback();
  }

  #configuration() {
    const settings = this.#settings;
    return {
      adapter: (model) => (model === 'Session' ? this.#sessions(model) : this.#grants(model)),
      clients: [client(settings), ...(settings.federation ? [federated(settings.federation)] : [])],
      clientBasedCORS: () => true,
      claims: {
        openid: ['sub', ...Object.keys(settings.claims)],
        email: ['email', 'email_verified'],
        profile: ['name'],
      },
      // All claims are in the ID token; the site does not call the userinfo endpoint.
      conformIdTokenClaims: false,
      cookies: { keys: ['of no importance'] },
      extraParams: ['audience'],
      features: {
        ...(settings.audience ? { resourceIndicators: resourceIndicators(settings.audience) } : {}),
        devInteractions: { enabled: true },
        revocation: { enabled: true },
        rpInitiatedLogout: { enabled: true, ...(settings.confirm_sign_out ? {} : { logoutSource }) },
      },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...account(id), ...settings.claims }) }),
      // The scope `offline_access` would need a consent, which this provider never asks for.
      issueRefreshToken: (_, { grantTypes }) => settings.issue_refresh_tokens && grantTypes.includes('refresh_token'),
      expiresWithSession: () => false,
      jwks: { keys: this.#keys.map(({ jwk }) => jwk) },
      loadExistingGrant: (ctx) => loadExistingGrant(ctx, settings.audience),
      // A user pool authenticates with its secret instead.
      pkce: { required: (_, client) => client.clientAuthMethod === 'none' },
      rotateRefreshToken: () => settings.rotate_refresh_tokens,
      ttl: {
        AccessToken: settings.access_token_lifetime,
        IdToken: settings.id_token_lifetime,
        RefreshToken: settings.refresh_token_lifetime,
        Session: settings.session_lifetime,
        Grant: 14 * DAY,
        Interaction: 3600,
      },
    };
  }
}

function client({ client_id, redirect_uris, post_logout_redirect_uris }) {
  return {
    client_id,
    redirect_uris,
    post_logout_redirect_uris,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: 'RS256',
    require_auth_time: true,
  };
}

/** The user pool, as a client of this provider. */
function federated({ client_id, client_secret, redirect_uri }) {
  return {
    client_id,
    client_secret,
    redirect_uris: [redirect_uri],
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['authorization_code'],
    response_types: ['code'],
  };
}

/** Access tokens are JSON Web Tokens for `audience`, whatever is asked for, as with a default audience of Auth0. */
function resourceIndicators(audience) {
  return {
    enabled: true,
    defaultResource: () => audience,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      scope: SCOPES,
      audience,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'RS256' } },
    }),
  };
}

function account(id) {
  return {
    sub: id,
    email: `${id}@example.com`,
    email_verified: true,
    name: `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`,
  };
}

/** Grants whatever is asked, so that a sign-in is the form and nothing else. */
async function loadExistingGrant({ oidc }, audience) {
  const id = oidc.result?.consent?.grantId ?? oidc.session.grantIdFor(oidc.client.clientId);
  const existing = id && (await oidc.provider.Grant.find(id));
  if (existing) {
    return existing;
  }
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope(`${SCOPES} offline_access`);
  if (audience) {
    grant.addResourceScope(audience, SCOPES);
  }
  await grant.save();
  return grant;
}

/** Signs out without asking. */
function logoutSource(ctx, form) {
  const confirmed = form.replace('</form>', '<input type="hidden" name="logout" value="yes"/></form>');
  ctx.body = `<!DOCTYPE html><title>Sign-out</title><body onload="document.forms[0].submit()">${confirmed}</body>`;
}

/** The pages of the provider would wait for a font that a machine without a network never gets. */
async function withoutForeignFonts(ctx, next) {
  await next();
  if (typeof ctx.body === 'string' && ctx.type === 'text/html') {
    ctx.body = ctx.body.replace(/@import url\([^)]*\);/, '');
  }
}
