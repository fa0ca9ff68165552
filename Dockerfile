# syntax=docker/dockerfile:1

# The image that builds, named by its tag since no digest is recorded here. A release pins what it was built with:
# docker build --build-arg GO_IMAGE=golang:1.26@sha256:... .
ARG GO_IMAGE=golang:1.26
ARG NODE_IMAGE=node:22-slim

# The libraries of the console's pages; dev/pages bundles them.
FROM ${NODE_IMAGE} AS libraries
WORKDIR /src
COPY console/web/package.json console/web/package-lock.json ./
RUN npm ci --silent --ignore-scripts --no-audit --no-fund

FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=libraries /src/node_modules console/web/node_modules
RUN CGO_ENABLED=0 go run ./dev/pages && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /out/headgate . \
    && mkdir -p /out/data /out/etc/headgate && cp config.example.yaml /out/etc/headgate/headgate.yaml

# Nothing but the binary, the roots of trust and the licences: no shell, no package manager, no root.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/headgate /headgate
COPY --from=build /out/etc/headgate /etc/headgate
COPY --from=build --chown=65532:65532 /out/data /data
COPY LICENSE THIRD_PARTY_NOTICES.md /licences/
USER 65532:65532
WORKDIR /
VOLUME /data
EXPOSE 8080 8081
ENV HEADGATE_CONFIG=/etc/headgate/headgate.yaml
# All of the container's addresses, so that a published port reaches it; publish it on loopback: -p 127.0.0.1:8081:8081.
ENV HEADGATE_ADMIN_LISTEN=:8081
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s CMD ["/headgate", "health"]
ENTRYPOINT ["/headgate"]
CMD ["serve"]
