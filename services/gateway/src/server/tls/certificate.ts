import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { PolyreelError } from "@polyreel/platform";

/** Files in PEM. */
export interface TlsFiles {
  /** The server's certificate, followed by the intermediate ones. */
  readonly certificate: string;
  readonly key: string;
}

export interface Pem {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** A certificate that fits its key. */
export interface Certificate {
  readonly options: SecureContextOptions;
  /** As in "DNS:studio.example, IP Address:10.0.0.7". */
  readonly names: string;
  readonly expires: Date;
}

/** Reads both files. Throws PolyreelError `invalid`, naming the variable, if one cannot be read. */
export async function readPem(files: TlsFiles): Promise<Pem> {
  const [certificate, key] = await Promise.all([
    read("POLYREEL_TLS_CERT", files.certificate),
    read("POLYREEL_TLS_KEY", files.key),
  ]);
  return { certificate, key };
}

async function read(variable: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    throw invalid(`${variable}: the file ${path} cannot be read (${code}).`, "Correct the path or its rights.", error);
  }
}

/** Throws PolyreelError `invalid` if a file has no certificate or key, or one does not belong to the other. */
export function certificateOf({ certificate, key }: Pem): Certificate {
  const leaf = leafOf(certificate);
  if (!leaf.checkPrivateKey(keyOf(key))) {
    throw invalid(
      "The key of POLYREEL_TLS_KEY does not belong to the first certificate of POLYREEL_TLS_CERT.",
      "Begin the file with the server's own certificate, followed by the intermediate ones; or give its key.",
    );
  }
  try {
    const options: SecureContextOptions = { cert: certificate, key, minVersion: "TLSv1.2" };
    createSecureContext(options);
    return { options, names: leaf.subjectAltName ?? leaf.subject, expires: new Date(leaf.validTo) };
  } catch (error) {
    // A damaged intermediate certificate, or a key that is too weak for this OpenSSL.
    throw invalid(`OpenSSL refuses POLYREEL_TLS_CERT with its key: ${(error as Error).message}.`, RENEW, error);
  }
}

const RENEW = "Issue the certificate again.";

function leafOf(pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw invalid("POLYREEL_TLS_CERT: the file does not begin with a certificate in PEM.", RENEW, error);
  }
}

function keyOf(pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const isEncrypted = pem.includes("ENCRYPTED");
    throw invalid(
      `POLYREEL_TLS_KEY: ${isEncrypted ? "the key is encrypted." : "the file has no private key in PEM."}`,
      isEncrypted ? "Decrypt it: openssl pkey -in key.pem -out plain.pem" : "Give the certificate's private key.",
      error,
    );
  }
}

const invalid = (reason: string, remedy: string, cause?: unknown): PolyreelError =>
  new PolyreelError("invalid", { reason, remedy }, { cause });
