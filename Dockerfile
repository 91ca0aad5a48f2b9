# One static binary on nothing at all: no shell, no package manager, no root.
FROM golang:1.26-alpine3.22 AS build
RUN mkdir -p /out/data
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/phutai ./cmd/phutai

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/phutai /phutai
# A fresh volume takes over the owner of the folder that it is mounted on.
COPY --from=build --chown=65532:65532 /out/data /var/lib/phutai
USER 65532:65532
WORKDIR /var/lib/phutai
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/phutai", "health"]
ENTRYPOINT ["/phutai"]
CMD ["--help"]
