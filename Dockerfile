# The program in a container: docker build -t countersign .
# With the sandbox, for trying: docker build -t countersign-sandbox --target sandbox .

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# Builds with what Cargo.lock pins; the distribution is what people download as well.
RUN cargo xtask dist \
    && mkdir -p /out /data \
    && tar -xzf target/dist/countersign-*.tar.gz -C /out --strip-components=1 \
    && strip -o /out/sandbox target/release/sandbox

# glibc, certificates of authorities, a user without rights: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot AS base
COPY --from=build /out/countersign /usr/local/bin/countersign
COPY --from=build /out/site /usr/local/share/countersign/site
COPY --from=build /out/LICENSE-APACHE /out/LICENSE-MIT /out/LICENCES.txt /out/sbom.cdx.json /usr/local/share/countersign/
COPY --from=build --chown=65532:65532 /data /var/lib/countersign
ENV LEPTOS_SITE_ROOT=/usr/local/share/countersign/site
# All that is ever written; the rest may be read-only. A volume has the owner of this directory.
VOLUME /var/lib/countersign
USER 65532:65532

FROM base AS sandbox
COPY --from=build /out/sandbox /usr/local/bin/sandbox
ENTRYPOINT ["/usr/local/bin/sandbox", "--data", "/var/lib/countersign/sandbox", "--console", "/usr/local/bin/countersign", "--site", "/usr/local/share/countersign/site"]

FROM base
EXPOSE 3000
# Of serve; a worker is asked at 127.0.0.1:9464.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["/usr/local/bin/countersign", "health", "127.0.0.1:3000"]
ENTRYPOINT ["/usr/local/bin/countersign"]
CMD ["serve", "--config", "/etc/countersign/serve.toml"]
