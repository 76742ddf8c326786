import "reflect-metadata"; // Demanded by the next one.
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** Key pairs on the curve that every TLS library has. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Clocks may differ. */
const BACKDATED_MS = 3_600_000;

/** A certificate and its private key, in PEM (the key in PKCS #8). */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateSubject {
  /** Common name. */
  readonly name: string;
  /** Names and addresses of a server; a client without. */
  readonly hosts?: readonly string[];
}

/** A new certificate authority, for ten years. */
export async function createAuthority(name: string, now: Date): Promise<Certified> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await keyPem(keys) };
}

/** A certificate for a server or a client, signed by the authority. */
export async function issueCertificate(
  authority: Certified,
  { name, hosts }: CertificateSubject,
  { now, days }: { now: Date; days: number },
): Promise<Certified> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await generateKeys();
  const use = hosts ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const names = (hosts ?? []).map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value }));
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([use]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { certificate: pem(certificate), key: await keyPem(keys) };
}

/** When a certificate ends. Throws if it is none. */
export const endOf = (certificate: string): Date => new x509.X509Certificate(certificate).notAfter;

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

const signingKey = (key: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(key), ALGORITHM, false, ["sign"]);

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString("pem")}\n`;

const keyPem = async ({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> =>
  `${x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY")}\n`;
