// An identity provider that is not ours: `oidc-provider`, certified by the OpenID Foundation, on loopback. It knows the
// people of the sandbox and asks for no password. It signs with RS256; the sandbox's own provider does with EdDSA.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { type Configuration, type KoaContextWithOIDC, Provider } from "oidc-provider";

import type { Sandbox } from "./sandbox.ts";

/** How a provider differs from others. */
export interface Behaviour {
  /** What it says of somebody in these groups, beyond `sub` and `name`. */
  claims: (groups: string[]) => Record<string, unknown>;
  /** It says that at its userinfo endpoint alone. */
  onlyInUserinfo?: boolean;
  /** It acts as if these parameters of an authorization request had not been sent. */
  ignores?: string[];
}

export interface IndependentProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Where somebody ends their session there, without the console. */
  endSession: string;
  /** What it refused or could not do; the texts of its own errors. */
  problems: string[];
  stop(): Promise<void>;
}

/** Starts one with a single client: the console at this address. */
export async function startProvider(
  people: Sandbox["people"],
  consoleUrl: string,
  behaviour: Behaviour = { claims: (groups) => ({ groups }) },
): Promise<IndependentProvider> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clientId = "countersign";
  // With what must be escaped in a header of client_secret_basic (RFC 6749 §2.3.1).
  const clientSecret = `a+secret: 100%/${randomBytes(16).toString("hex")}`;

  const provider = new Provider(issuer, configuration(people, consoleUrl, clientId, clientSecret, behaviour));
  const problems: string[] = [];
  provider.on("authorization.error", (_, error) => problems.push(`authorization: ${error.error_description}`));
  provider.on("grant.error", (_, error) => problems.push(`token: ${error.error_description}`));
  provider.on("end_session.error", (_, error) => problems.push(`logout: ${error.error_description}`));
  provider.on("backchannel.error", (_, error) => problems.push(`back channel: ${error.message}`));
  provider.on("server_error", (_, error) => problems.push(`server: ${error.stack}`));

  const rest = provider.callback();
  server.on("request", (request, response) => {
    const url = new URL(request.url ?? "/", issuer);
    if (url.pathname === "/auth") {
      for (const ignored of behaviour.ignores ?? []) url.searchParams.delete(ignored);
      request.url = url.pathname + url.search;
    }
    if (url.pathname === "/logout") return endAsCognito(url, clientId, `${consoleUrl}/auth/signed-out`, response);
    if (!url.pathname.startsWith("/interaction/")) return void rest(request, response);
    interact(provider, people, request, response).catch((error: Error) => {
      problems.push(`interaction: ${error.message}`);
      response.writeHead(500).end();
    });
  });
  return {
    issuer,
    clientId,
    clientSecret,
    endSession: `${issuer}/session/end`,
    problems,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function configuration(
  people: Sandbox["people"],
  consoleUrl: string,
  client_id: string,
  client_secret: string,
  behaviour: Behaviour,
): Configuration {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    clients: [
      {
        client_id,
        client_secret,
        redirect_uris: [`${consoleUrl}/auth/callback`],
        post_logout_redirect_uris: [`${consoleUrl}/auth/signed-out`],
        backchannel_logout_uri: `${consoleUrl}/auth/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    ttl: { AccessToken: 3600, Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600 },
    pkce: { required: () => true },
    // Groups come only when they are asked for.
    claims: { openid: ["sub"], profile: ["name"], groups: Object.keys(behaviour.claims([])) },
    conformIdTokenClaims: behaviour.onlyInUserinfo ?? false,
    findAccount: (_, accountId) => {
      const person = people.find((one) => subject(one.username) === accountId);
      if (!person) return undefined;
      const groups = person.roles.map((role) => `pki-${role}s`);
      return { accountId, claims: () => ({ sub: accountId, name: person.name, ...behaviour.claims(groups) }) };
    },
    // It is the company's own console: nobody is asked for consent.
    loadExistingGrant: async (context) => {
      const { provider, session, client } = context.oidc;
      const known = session?.grantIdFor(client!.clientId);
      if (known) return provider.Grant.find(known);
      const grant = new provider.Grant({ accountId: session!.accountId!, clientId: client!.clientId });
      grant.addOIDCScope("openid profile groups");
      await grant.save();
      return grant;
    },
    // It calls nobody on loopback, unless its own dispatcher is left out; nor does a busy machine answer within its 2.5 seconds.
    fetch: (url, options) => {
      const { dispatcher, signal, ...rest } = options as RequestInit & { dispatcher: unknown };
      return fetch(url, rest);
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          const button = '<button form="op.logoutForm" name="logout" value="yes">End the session</button>';
          show(context, page("End your session?", `${form}${button}`));
        },
        postLogoutSuccessSource: (context) => show(context, page("The session has ended", "")),
      },
    },
    renderError: (context, out) => show(context, page("Refused", `<p>${out.error}: ${out.error_description}</p>`)),
  };
}

/** Amazon Cognito Developer Guide, "The managed login sign-out endpoint". */
function endAsCognito(url: URL, clientId: string, back: string, response: ServerResponse): void {
  const asked = [...url.searchParams].flat();
  if (JSON.stringify(asked) !== JSON.stringify(["client_id", clientId, "logout_uri", back])) {
    return void response.writeHead(400).end();
  }
  const ended = ["_session", "_session.sig"].map((name) => `${name}=; Max-Age=0; Path=/`);
  response.writeHead(302, { location: back, "set-cookie": ended }).end();
}

/** The page that asks who somebody is, and its answer. */
async function interact(
  provider: Provider,
  people: Sandbox["people"],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await provider.interactionDetails(request, response);
  if (request.method === "POST") {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const now = Math.floor(Date.now() / 1000);
    const login = { accountId: subject(form.get("username") ?? ""), ts: form.has("earlier") ? now - 3600 : now };
    return provider.interactionFinished(request, response, { login });
  }
  const button = ({ username, name }: { username: string; name: string }) =>
    `<p><button name="username" value="${username}">${username} – ${name}</button></p>`;
  const form = `<form method="post">
    <label><input type="checkbox" name="earlier"> I proved it an hour ago</label>${people.map(button).join("")}
  </form>`;
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page("Who are you?", form));
}

/** Never the username: a console that took one for the other would be found out. */
function subject(username: string): string {
  return `subject-of-${username}`;
}

function show(context: KoaContextWithOIDC, html: string): void {
  context.type = "html";
  context.body = html;
}

function page(title: string, body: string): string {
  const head = `<meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,">`;
  return `<!DOCTYPE html><html lang="en"><head>${head}</head><body><h1>${title}</h1>${body}</body></html>`;
}
