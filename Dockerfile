# The service alone: Node runs the TypeScript as it is, so nothing is built. It needs DATABASE_URL; the embedded
# PostgreSQL of `npm start` is left out together with the other optional dependencies.
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:26-slim
# One arena of malloc: V8's threads would each keep what they once needed.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 MALLOC_ARENA_MAX=1 NODE_COMPILE_CACHE=/home/node/.cache/gongkai
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY migrations/*.sql ./migrations/
COPY src ./src
USER node
# Compiles everything once, so that no start has to; what is compiled belongs to the user who did it.
RUN ["node", "--max-semi-space-size=8", "--heap-growing-percent=20", "--no-memory-pool", "-e", "import('./src/service.ts').then(() => process.exit())"]
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=20", "--no-memory-pool", "src/server.ts"]
