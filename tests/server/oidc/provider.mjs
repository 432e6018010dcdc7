// An identity provider for the tests: oidc-provider as it is, for one client, whose user a test chooses. Its tokens can
// be spoilt on their way out, as no honest provider would do it.
//   node provider.mjs <modules> <client id> <client secret> <redirect uri>
// tells "port <n>" when it listens, and ends with its standard input. What comes next is decided by
//   POST /test {"account": {..claims}, "spoil": word, "asks": true}: with the last, a page asks before it signs in.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, clientId, clientSecret, redirectUri] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(modules, 'node_modules', name)).href);
const { Provider } = await load('oidc-provider/lib/index.js');
const jose = await load('jose/dist/webapi/index.js');

const newKey = async (kid, alg) => {
  const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), kid, alg, use: 'sig' };
};
const keys = { own: await newKey('own', 'RS256'), next: await newKey('next', 'ES256'), foreign: await newKey('own', 'RS256') };

let account = { sub: 'nobody' };
let spoil = '';
let asks = false;

const http = createServer();
await new Promise((listening) => http.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${http.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  claims: { email: ['email', 'email_verified'], profile: ['preferred_username'] },
  cookies: { keys: ['for the tests alone'] },
  features: { devInteractions: { enabled: false } },
  jwks: { keys: [keys.own] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...account, sub: id }) }),
  loadExistingGrant: async (ctx) => {
    const { client, session } = ctx.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
});

const signed = async (claims, key) =>
  new jose.SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(await jose.importJWK(key, key.alg));

const ways = {
  none: (claims) => new jose.UnsecuredJWT(claims).encode(),
  'wrong-key': (claims) => signed(claims, keys.foreign),
  'wrong-nonce': (claims) => signed({ ...claims, nonce: 'another' }, keys.own),
  'wrong-audience': (claims) => signed({ ...claims, aud: 'another' }, keys.own),
  'wrong-issuer': (claims) => signed({ ...claims, iss: 'http://127.0.0.1:1' }, keys.own),
  expired: (claims) => signed({ ...claims, exp: claims.iat - 3600 }, keys.own),
  'new-key': (claims) => signed(claims, keys.next),
};

provider.use(async (ctx, next) => {
  if (ctx.path === '/test') {
    let body = '';
    for await (const part of ctx.req) body += part;
    ({ account, spoil, asks } = { account, spoil: '', asks: false, ...JSON.parse(body) });
    ctx.body = {};
    return;
  }
  if (ctx.path.startsWith('/interaction/')) {
    const answer = ctx.path.split('/')[3];
    if (asks && !answer) {
      ctx.type = 'html';
      ctx.body = `<!doctype html><html lang="en"><title>The company's</title><h1>Sign in at the company's</h1>
        <p><a href="${ctx.path}/yes">Continue as ${account.email}</a> <a href="${ctx.path}/no">Refuse</a></p></html>`;
      return;
    }
    // Where nobody is asked, the user signs in without a word.
    ctx.respond = false;
    const result = answer === 'no' ? { error: 'access_denied' } : { login: { accountId: account.sub } };
    await provider.interactionFinished(ctx.req, ctx.res, result);
    return;
  }
  await next();
  if (ctx.path === '/token' && spoil && ctx.body?.id_token) {
    ctx.body.id_token = await ways[spoil](jose.decodeJwt(ctx.body.id_token));
  }
  if (ctx.path === '/jwks' && spoil === 'new-key') {
    const { d, ...open } = keys.next;
    ctx.body = { keys: [...ctx.body.keys, open] };
  }
});
http.on('request', provider.callback());
// Nobody outlives the test that asked for it.
process.stdin.on('end', () => process.exit(0)).resume();
console.log(`port ${http.address().port}`);
