// Asking the sandbox's Private CA itself, past the console: AWS JSON 1.1. The sandbox tells callers apart by their access
// key and does not verify signatures.
import { idOf, type Sandbox } from "./sandbox.ts";

/** What goes wrong with an authority from now on; `{}`: nothing more. */
export async function trouble(sandbox: Sandbox, authority: string, troubles: object): Promise<void> {
  const url = `${sandbox.endpoints["acm-pca"]}/troubles/${idOf(authority)}`;
  const response = await fetch(url, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(troubles),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}

/**
 * Whether the CA has revoked a certificate. No operation of Private CA tells without side effect; a second revocation
 * is refused with RequestAlreadyProcessedException, and a first one makes the test fail.
 */
export async function isRevoked(sandbox: Sandbox, authority: string, serial: string): Promise<boolean> {
  const key = sandbox.access_keys.find((one) => one.profile === "administrator");
  const scope = `${key?.access_key_id}/20260101/${sandbox.region}/acm-pca/aws4_request`;
  const response = await fetch(sandbox.endpoints["acm-pca"], {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "ACMPrivateCA.RevokeCertificate",
    },
    body: JSON.stringify({
      CertificateAuthorityArn: authority,
      CertificateSerial: serial,
      RevocationReason: "UNSPECIFIED",
    }),
  });
  if (response.ok) return false;
  const { __type, message } = (await response.json()) as { __type: string; message: string };
  if (__type !== "RequestAlreadyProcessedException") throw new Error(`${__type}: ${message}`);
  return true;
}

/** A call of IAM by the administrator: the query protocol, at the same port. */
export async function iam(sandbox: Sandbox, call: Record<string, string>): Promise<void> {
  const key = sandbox.access_keys.find((one) => one.profile === "administrator");
  const scope = `${key?.access_key_id}/20260101/us-east-1/iam/aws4_request`;
  const response = await fetch(sandbox.endpoints["acm-pca"], {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams(call),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}
