import type { SecureContextOptions } from "node:tls";
import { type Running, toPolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { type Certificate, certificateOf, type Pem, readPem, type TlsFiles } from "./certificate.js";

const LOOK_MS = 2_000;

/**
 * The certificate of two files, loaded again when they are replaced. Their bytes are compared, not watched: symbolic links
 * (certbot, Kubernetes) and network file systems report no changes. A pair is loaded once two looks in a row have found the
 * same bytes, so that a half-replaced one is not; a broken one is logged once, and the last good one stays.
 */
export class CertificateFiles implements Running {
  #seen: Pem;
  #loaded: Pem;
  #problem = "";
  readonly #timer: NodeJS.Timeout;

  /** Throws PolyreelError `invalid` if the files are missing or do not fit. */
  static async open(files: TlsFiles, log: Log, lookMs = LOOK_MS): Promise<CertificateFiles> {
    const pem = await readPem(files);
    return new CertificateFiles(files, log, pem, certificateOf(pem), lookMs);
  }

  private constructor(
    private readonly files: TlsFiles,
    private readonly log: Log,
    pem: Pem,
    private certificate: Certificate,
    lookMs: number,
  ) {
    this.#seen = pem;
    this.#loaded = pem;
    this.#report();
    this.#timer = setTimeout(async () => {
      await this.#look();
      this.#timer.refresh();
    }, lookMs).unref();
  }

  /** For new connections; open ones keep theirs. */
  get options(): SecureContextOptions {
    return this.certificate.options;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const pem = await readPem(this.files);
      const isSettled = isSame(pem, this.#seen);
      this.#seen = pem;
      if (!isSettled) return;
      if (!isSame(pem, this.#loaded)) {
        this.certificate = certificateOf(pem);
        this.#loaded = pem;
        this.#report();
      }
      this.#problem = "";
    } catch (error) {
      const { message } = toPolyreelError(error);
      if (message !== this.#problem)
        this.log.error({ err: error }, "the certificate was not replaced: the old one stays");
      this.#problem = message;
    }
  }

  #report(): void {
    const { names, expires } = this.certificate;
    const isExpired = expires.getTime() <= Date.now();
    this.log[isExpired ? "warn" : "info"](
      { names, expires },
      `a certificate was loaded${isExpired ? ": it has expired" : ""}`,
    );
  }
}

const isSame = (one: Pem, other: Pem): boolean =>
  one.certificate.equals(other.certificate) && one.key.equals(other.key);
