import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Paths of files in PEM. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority in a temporary folder, made by openssl. */
export class TestAuthority {
  private constructor(readonly folder: string) {}

  static async create(): Promise<TestAuthority> {
    const authority = new TestAuthority(await mkdtemp(join(tmpdir(), "polyreel-ca-")));
    const args = [...["-subj", "/CN=Test CA"], ...["-keyout", "ca.key", "-out", "ca.pem"]];
    await authority.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", ...args);
    return authority;
  }

  get certificate(): string {
    return join(this.folder, "ca.pem");
  }

  readonly pem = (): Promise<Buffer> => readFile(this.certificate);

  /** `names` as in "DNS:localhost,IP:127.0.0.1"; `days` may be negative: expired. */
  async issue(name: string, names: string, days = 10): Promise<TestCertificate> {
    const paths = { certificate: join(this.folder, `${name}.pem`), key: join(this.folder, `${name}.key`) };
    await writeFile(join(this.folder, `${name}.ext`), `subjectAltName=${names}\n`);
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    await this.openssl("req", ...ec, "-subj", `/CN=${name}`, "-keyout", paths.key, "-out", `${name}.csr`);
    const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", String(days)];
    await this.openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      ...ca,
      "-extfile",
      `${name}.ext`,
      "-out",
      paths.certificate,
    );
    return paths;
  }

  async openssl(...args: string[]): Promise<void> {
    await run("openssl", args, { cwd: this.folder });
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
