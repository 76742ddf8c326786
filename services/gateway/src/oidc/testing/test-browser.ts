/** As much of a browser as a sign-in needs: it keeps cookies of one host, follows redirects, and submits forms. */
export class TestBrowser {
  readonly #cookies = new Map<string, string>();

  /** Follows redirects from an address, until one leads to an address that begins with `until`, which is not requested. */
  async follow(from: string, until: string): Promise<URL> {
    const end = await this.#go(new URL(from), until);
    if (end instanceof URL) return end;
    throw new Error(`a page of ${end.status} instead: ${await end.text()}`);
  }

  /** The text of the page that an address leads to; `form`: what is posted to it. */
  async page(address: string, form?: Readonly<Record<string, string>>): Promise<string> {
    const end = await this.#go(new URL(address), undefined, form);
    if (end instanceof URL) throw new Error(`no page at ${end.href}`);
    return await end.text();
  }

  async #go(from: URL, until?: string, form?: Readonly<Record<string, string>>): Promise<URL | Response> {
    let url = from;
    let post: RequestInit = form ? { method: "POST", body: new URLSearchParams(form) } : {};
    for (let i = 0; i < 20; i++) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(url, { redirect: "manual", headers: { cookie }, ...post });
      post = {};
      for (const set of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        this.#cookies.set(name, value);
      }
      const location = response.headers.get("location");
      if (location === null) return response;
      url = new URL(location, url);
      if (until !== undefined && url.href.startsWith(until)) return url;
    }
    throw new Error("too many redirects");
  }
}
