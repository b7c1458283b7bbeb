// A further console at the same sandbox, beside the one that the sandbox started.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";

import { CONSOLE, expectBuilt, hasEnded, keepLog, SITE, stop } from "./programs.ts";
import { dataFolder, type Sandbox } from "./sandbox.ts";

const READY_WITHIN_MS = 60_000;

/** A port that is free now. Whoever signs people in wants to know the console's address before it starts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Starts one with the sandbox's configuration, but with `oidc` as its section of that name. Gives what stops it. */
export async function startConsole(
  sandbox: Sandbox,
  port: number,
  oidc: Record<string, unknown>,
  secret: string,
): Promise<() => Promise<void>> {
  expectBuilt();
  const folder = mkdtempSync(join(dataFolder(), "console-"));
  const own: Record<string, string> = {
    listen: `127.0.0.1:${port}`,
    public_url: `http://localhost:${port}`,
    data_dir: join(folder, "data"),
  };
  // JSON's texts and lists are TOML's.
  const line = ([key, value]: [string, unknown]) => `${key} = ${JSON.stringify(value)}`;
  const section = ["[oidc]", ...Object.entries(oidc).map(line), ""].join("\n");
  const toml = readFileSync(sandbox.worker_config, "utf8")
    .replace(/^\[oidc\]\n(.+\n)*/m, () => section)
    .replace(/^(\w+) = .*$/gm, (written, key: string) => (key in own ? line([key, own[key]]) : written));
  const config = join(folder, "countersign.toml");
  writeFileSync(config, toml);

  // The surroundings that the sandbox prescribes, and no other AWS.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  const program = spawn(CONSOLE, ["serve", "--with-work", "--config", config], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...Object.fromEntries(inherited),
      ...sandbox.env,
      LEPTOS_OUTPUT_NAME: "app",
      LEPTOS_SITE_ROOT: SITE,
      COUNTERSIGN_OIDC_CLIENT_SECRET: secret,
    },
  });
  const log = keepLog(program, "console");
  const end = async () => {
    await stop(program);
    rmSync(folder, { recursive: true, force: true });
  };
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await healthy(port))) {
    if (hasEnded(program) || Date.now() > until) {
      await end();
      throw new Error(`the console did not start; see ${log}`);
    }
  }
  return end;
}

async function healthy(port: number): Promise<boolean> {
  await new Promise((later) => setTimeout(later, 100));
  const signal = AbortSignal.timeout(5_000);
  return fetch(`http://localhost:${port}/health`, { signal }).then((answer) => answer.ok, () => false);
}
