/** As much of a browser as a sign-in needs: it keeps cookies of one host, and follows redirects. */
export class TestBrowser {
  readonly #cookies = new Map<string, string>();

  /** Follows redirects from an address, until one leads to an address that begins with `until`, which is not requested. */
  async follow(from: string, until: string): Promise<URL> {
    let url = new URL(from);
    for (let i = 0; i < 20; i++) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(url, { redirect: "manual", headers: { cookie } });
      for (const set of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        this.#cookies.set(name, value);
      }
      const location = response.headers.get("location");
      if (location === null) throw new Error(`${url.pathname} answers ${response.status}: ${await response.text()}`);
      url = new URL(location, url);
      if (url.href.startsWith(until)) return url;
    }
    throw new Error("too many redirects");
  }
}
