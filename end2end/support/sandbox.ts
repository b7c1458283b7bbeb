// What the sandbox says of itself in sandbox.json, as far as tests use it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The variable that tells the tests where a running sandbox keeps its data. */
export const DATA = "COUNTERSIGN_SANDBOX_DATA";

export interface Sandbox {
  console_url: string;
  /** The configuration file of its console. */
  config: string;
  /** That of its worker, or of one process that does both. */
  worker_config: string;
  /** What an AWS client needs in its environment to meet this sandbox. */
  env: Record<string, string>;
  endpoints: { "acm-pca": string };
  region: string;
  authorities: Authority[];
  people: { username: string; name: string; roles: string[] }[];
  account: string;
  access_keys: { access_key_id: string; profile: string; principal: string }[];
  /** What is to be found, by kind of finding: serials, principals, hours (`2026-11-22T09`). Nothing else is wrong. */
  planted: Record<string, string[]>;
  /** The same certificates, by what was done to them. */
  planted_detail: PlantedCertificate[];
}

export interface Authority {
  arn: string;
  name: string;
}

export interface PlantedCertificate {
  trouble: string;
  /** The authority's ARN. */
  authority: string;
  /** Lower-case hex without colons. */
  serial: string;
  device: string;
}

export function readSandbox(data = dataFolder()): Sandbox {
  return JSON.parse(readFileSync(join(data, "sandbox.json"), "utf8")) as Sandbox;
}

export function dataFolder(): string {
  const data = process.env[DATA];
  if (!data) throw new Error(`${DATA} is not set: no sandbox was started`);
  return data;
}

/** As people write a serial number, and as pages show it: `4f:a2:…`. */
export function colons(serial: string): string {
  return (serial.match(/../g) ?? []).join(":");
}

/** The principal behind a profile of the credentials file, for a role without a path: its session's ARN has none. */
export function principalOf(sandbox: Sandbox, profile: string): string {
  const session = sandbox.access_keys.find((one) => one.profile === profile)?.principal ?? "";
  return `arn:aws:iam::${sandbox.account}:role/${session.split("/")[1]}`;
}

/** The part of an ARN that addresses of the console name an authority by. */
export function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
