import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { authorityFile } from "../config.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";

/**
 * Options of TLS that trust the authorities in the file of POLYREEL_CA, beside the public ones; none without it. Throws
 * ProblemsError if the file cannot be read or has no certificate.
 */
export function trustedAuthorities(path = authorityFile()): { readonly ca?: string[] } {
  if (path === "") return {};
  try {
    const pem = readFileSync(path, "utf8");
    new X509Certificate(pem); // Node.js would ignore anything else.
    return { ca: [...rootCertificates, pem] };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const fault = /^E[A-Z]+$/.test(code) ? `cannot be read (${code})` : "has no certificate";
    const remedy = "Name a file with the authority's certificate in PEM.";
    throw new ProblemsError([{ what: `POLYREEL_CA: the file ${path} ${fault}.`, remedy }], exitCodes.usage, {
      cause: error,
    });
  }
}
