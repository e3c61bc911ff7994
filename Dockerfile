# Debian slim, not Alpine: Node's own glibc build, and a major tag that takes Node's security releases on every build.
FROM node:22-slim AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json rolldown.config.ts ./
COPY src src
RUN npm run build

FROM base
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
COPY package.json schema.graphql ./
COPY examples examples
# The packages are in the program. Only the demo hands this one to browsers.
COPY --from=build /app/node_modules/graphql-sse node_modules/graphql-sse
COPY --from=build /app/dist dist
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then(({ ok }) => process.exit(ok ? 0 : 1))"]
# No shell and no npm between Docker and Node, so that SIGTERM reaches the gateway, which then drains.
CMD ["node", "--enable-source-maps", "dist/main.js"]
