# The program alone: static, with the certificates of the usual authorities and all licences, for a user who is nobody.
#
# `cargo xtask cross image` lays out the files that are copied here in target/cross/image/context, and makes the same image
# of them without Docker. With it: docker build -f Dockerfile target/cross/image/context
FROM scratch
COPY auth /auth
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY licenses /licenses
COPY --chown=65532:65532 nobody /nobody
ENV HOME=/nobody
USER 65532:65532
ENTRYPOINT ["/auth"]
