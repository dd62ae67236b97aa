// A certified authorization server (oidc-provider) and a small API, on loopback.
//
// Reads one line of JSON from standard input and answers with one line of JSON,
// {"ready": true, "issuer": …}. Ends when standard input is closed, so it never
// outlives the test that started it. Members of the input, all optional:
//
//   port                0 picks a free one
//   clients             client metadata as in RFC 7591
//   ttl                 seconds by kind: {"AccessToken": 5, "RefreshToken": …}
//   rotate              a new refresh token at every refresh (true)
//   pkceRequired        refuse an authorization request without a challenge (true)
//   deviceFlow, clientCredentials, pushedAuthorizationRequests, revocation, registration
//   pushedOnly          refuse an authorization request that was not pushed (false)
//
// Under /_test/ it tells what it did and what it issued, and takes faults to play:
// that is how a test knows which strings must be found nowhere else.

import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

// It warns at every start about Node versions and quick-start defaults.
console.info = console.warn = () => {};
const { default: Provider } = await import('oidc-provider');

const ITEMS = [
  { id: 1, name: 'Espresso machine', price: 349.0 },
  { id: 2, name: 'Grinder', price: 129.5 },
  { id: 3, name: 'Beans, 1 kg', price: 21.9 },
];
const API_SCOPE = { '/api/me': null, '/api/items': 'items.read', '/api/echo': 'items.read' };

const lines = createInterface({ input: process.stdin });
const settings = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
process.stdin.on('end', () => process.exit(0)).resume();

const counters = {
  authorization: 0, pushed: 0, registration: 0, code: 0, refresh: 0, refused: 0, reused: 0,
  device_asked: 0, revocation: 0, api: 0, api_401: 0,
};
const issued = [];
const faults = { api_401: 0, api_500: 0, token_502: 0, slow_down: 0 };

const server = createServer();
await new Promise((resolve) => { server.listen(settings.port ?? 0, '127.0.0.1', resolve); });
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;

function signingKey() {
  // Through PEM: exporting a fresh key as JWK can hang on Node 20.
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { ...createPrivateKey(privateKey).export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };
}

const on = (name, otherwise) => ({ enabled: settings[name] ?? otherwise });
const provider = new Provider(issuer, {
  clients: settings.clients ?? [],
  jwks: { keys: [signingKey()] },
  cookies: {
    keys: [randomBytes(24).toString('hex')],
    // Cookies do not know ports; several servers may run on this host.
    names: { session: `s${port}`, interaction: `i${port}`, resume: `r${port}` },
  },
  scopes: ['openid', 'offline_access', 'items.read', 'items.write'],
  claims: { openid: ['sub', 'name', 'email'] },
  ttl: {
    AccessToken: 3600, AuthorizationCode: 60, ClientCredentials: 600, DeviceCode: 600,
    Grant: 86400, IdToken: 3600, Interaction: 600, RefreshToken: 86400, Session: 86400,
    ...settings.ttl,
  },
  features: {
    devInteractions: { enabled: false },
    revocation: on('revocation', true),
    introspection: { enabled: true },
    deviceFlow: on('deviceFlow', true),
    clientCredentials: on('clientCredentials', true),
    pushedAuthorizationRequests: {
      ...on('pushedAuthorizationRequests', true),
      requirePushedAuthorizationRequests: settings.pushedOnly ?? false,
    },
    registration: on('registration', false),
  },
  pkce: { required: () => settings.pkceRequired ?? true },
  rotateRefreshToken: () => settings.rotate ?? true,
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, email: `${id}@example.org` }),
  }),
});

provider.on('authorization.success', (ctx, answer) => {
  counters.authorization += 1;
  if (answer?.code) issued.push(answer.code); // the device flow has none
});
provider.on('grant.success', (ctx) => {
  counters[ctx.oidc.params.grant_type === 'refresh_token' ? 'refresh' : 'code'] += 1;
  for (const name of ['access_token', 'refresh_token', 'id_token']) {
    if (ctx.body[name]) issued.push(ctx.body[name]);
  }
});
provider.on('grant.error', (ctx, error) => {
  counters.refused += 1;
  if (error.error_detail === 'refresh token already used') counters.reused += 1;
});
provider.on('pushed_authorization_request.success', () => { counters.pushed += 1; });
provider.on('registration_create.success', () => { counters.registration += 1; });
// Emitted for each token that goes, also by the provider itself; count requests instead.
provider.use(async (ctx, next) => {
  await next();
  if (ctx.oidc?.params?.device_code) counters.device_asked += 1;
  if (ctx.path === '/token/revocation' && ctx.status === 200) counters.revocation += 1;
});

function send(response, status, body, headers = {}) {
  const html = typeof body === 'string';
  response.writeHead(status, {
    'content-type': html ? 'text/html; charset=utf-8' : 'application/json',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(html ? body : JSON.stringify(body));
}

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (title, body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<style>body{font:16px sans-serif;max-width:24em;margin:4em auto}label,button{display:block;margin:.6em 0}</style>
<h1>${title}</h1>${body}</html>`;

async function consent(request, response, details) {
  const { prompt, params, session, grantId } = details;
  const grant = (grantId && await provider.Grant.find(grantId))
    ?? new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

async function interaction(request, response) {
  const details = await provider.interactionDetails(request, response);
  const { prompt, params } = details;
  if (request.method === 'POST') {
    const form = new URLSearchParams(await read(request));
    if (form.get('answer') === 'cancel') {
      return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'The person said no' });
    }
    if (prompt.name === 'login') {
      return provider.interactionFinished(request, response, { login: { accountId: form.get('login') } });
    }
    return consent(request, response, details);
  }
  if (prompt.name === 'login') {
    return send(response, 200, page('Log in', `<form method="post">
<label>User name <input name="login" required autofocus></label>
<label>Password <input name="password" type="password"></label>
<button name="answer" value="ok">Log in</button></form>`));
  }
  const scopes = (params.scope ?? '').split(' ').map((scope) => `<li>${escape(scope)}</li>`).join('');
  return send(response, 200, page('Grant access', `<p>${escape(params.client_id)} wants to use:</p><ul>${scopes}</ul>
<form method="post"><button name="answer" value="ok">Allow</button><button name="answer" value="cancel">Cancel</button></form>`));
}

function spend(fault) {
  if (faults[fault] <= 0) return false;
  faults[fault] -= 1;
  return true;
}

async function api(request, response, path) {
  counters.api += 1;
  const found = /^Bearer (.+)$/.exec(request.headers.authorization ?? '');
  const token = found && (await provider.AccessToken.find(found[1]) ?? await provider.ClientCredentials.find(found[1]));
  if (!token || token.isExpired || spend('api_401')) {
    counters.api_401 += 1;
    return send(response, 401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer error="invalid_token"' });
  }
  if (spend('api_500')) return send(response, 500, { error: 'server_error' });
  const needed = API_SCOPE[path];
  if (needed && !(token.scope ?? '').split(' ').includes(needed)) {
    return send(response, 403, { error: 'insufficient_scope', scope: needed });
  }
  if (path === '/api/items') return send(response, 200, { items: ITEMS });
  if (path === '/api/echo') return send(response, 200, { method: request.method, url: request.url, body: await read(request) });
  return send(response, 200, { sub: token.accountId ?? token.clientId, name: token.accountId ?? null, email: `${token.accountId}@example.org` });
}

async function control(request, response, path) {
  if (path === '/_test/counters') return send(response, 200, counters);
  if (path === '/_test/issued') return send(response, 200, issued);
  if (path === '/_test/faults') return send(response, 200, Object.assign(faults, JSON.parse(await read(request))));
  return send(response, 404, { error: 'not_found' });
}

const callback = provider.callback();
server.on('request', async (request, response) => {
  const path = new URL(request.url, issuer).pathname;
  try {
    if (path.startsWith('/_test/')) await control(request, response, path);
    else if (path in API_SCOPE) await api(request, response, path);
    else if (path.startsWith('/interaction/')) await interaction(request, response);
    else if (path === '/token' && spend('token_502')) send(response, 502, 'Bad gateway');
    else if (path === '/token' && spend('slow_down')) {
      counters.device_asked += 1;
      send(response, 400, { error: 'slow_down' });
    }
    else callback(request, response);
  } catch (error) {
    send(response, 400, { error: error.error ?? String(error), error_description: error.error_description });
  }
});

process.stdout.write(`${JSON.stringify({ ready: true, issuer, port })}\n`);
