{{- /* What the operator makes in each namespace: no namespace here, and no names that depend on one. */}}
{{- define "crossdock.poolLabels" -}}
app.kubernetes.io/name: crossdock
app.kubernetes.io/component: {{ . }}
{{- end }}

{{- define "crossdock.pool" -}}
{{- $image := .Values.runtime.image | default (include "crossdock.image" .) -}}
apiVersion: v1
kind: ServiceAccount
metadata: {name: crossdock-runtime}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: crossdock-runtime}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ include "crossdock.fullname" . }}-runtime}
subjects:
- {kind: ServiceAccount, name: crossdock-runtime}
---
apiVersion: v1
kind: Service
metadata: {name: crossdock-http}
spec:
  type: {{ .Values.runtime.service.type }}
  selector:
    {{- include "crossdock.poolLabels" "runtime" | nindent 4 }}
  ports:
  - {name: http, port: {{ .Values.runtime.service.port }}, targetPort: http, protocol: TCP}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: crossdock-runtime
  labels:
    {{- include "crossdock.poolLabels" "runtime" | nindent 4 }}
spec:
  {{- if not (kindIs "invalid" .Values.runtime.replicas) }}
  replicas: {{ .Values.runtime.replicas }}
  {{- end }}
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector:
    matchLabels:
      {{- include "crossdock.poolLabels" "runtime" | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "crossdock.poolLabels" "runtime" | nindent 8 }}
    spec:
      serviceAccountName: crossdock-runtime
      terminationGracePeriodSeconds: {{ add .Values.runtime.graceSeconds 15 }}
      securityContext:
        {{- include "crossdock.podSecurity" . | nindent 8 }}
      containers:
      - name: runtime
        image: {{ $image }}
        imagePullPolicy: {{ .Values.image.pullPolicy }}
        args: [runtime, --grace, {{ .Values.runtime.graceSeconds | quote }}]
        # The last lines of a log that ends badly stand in the pod's status, and from there in the Integration's.
        terminationMessagePolicy: FallbackToLogsOnError
        env:
        - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
        - {name: CROSSDOCK_DATABASE, valueFrom: {secretKeyRef: {name: crossdock-database, key: url}}}
        {{- with .Values.tracing }}
        {{- if .endpoint }}
        - {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .endpoint | quote }}}
        - {name: OTEL_TRACES_SAMPLER, value: {{ .sampler }}}
        - {name: OTEL_TRACES_SAMPLER_ARG, value: {{ .samplerArgument | quote }}}
        {{- end }}
        {{- end }}
        {{- with .Values.runtime.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        ports:
        - {name: http, containerPort: 8080}
        - {name: admin, containerPort: 8081}
        livenessProbe: {httpGet: {path: /healthz, port: admin}, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5}
        readinessProbe: {httpGet: {path: /readyz, port: admin}, periodSeconds: 2, failureThreshold: 3, timeoutSeconds: 2}
        resources:
          {{- toYaml .Values.runtime.resources | nindent 10 }}
        securityContext:
          {{- include "crossdock.containerSecurity" . | nindent 10 }}
        volumeMounts:
        - {name: tmp, mountPath: /tmp}
        {{- with .Values.runtime.volumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      volumes:
      - {name: tmp, emptyDir: {}}
      {{- with .Values.runtime.volumes }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: ScheduleAnyway
        labelSelector:
          matchLabels:
            {{- include "crossdock.poolLabels" "runtime" | nindent 12 }}
      {{- with .Values.runtime.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.runtime.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.runtime.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
{{- if .Values.podDisruptionBudgets.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: crossdock-runtime}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "crossdock.poolLabels" "runtime" | nindent 6 }}
{{- end }}
{{- if .Values.tracker.enabled }}
---
apiVersion: v1
kind: Service
metadata: {name: crossdock-console}
spec:
  type: {{ .Values.tracker.console.service.type }}
  selector:
    {{- include "crossdock.poolLabels" "tracker" | nindent 4 }}
  ports:
  - {name: http, port: {{ .Values.tracker.console.service.port }}, targetPort: console, protocol: TCP}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: crossdock-tracker
  labels:
    {{- include "crossdock.poolLabels" "tracker" | nindent 4 }}
spec:
  # The one that has the position writes; a second would only wait.
  replicas: 1
  selector:
    matchLabels:
      {{- include "crossdock.poolLabels" "tracker" | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "crossdock.poolLabels" "tracker" | nindent 8 }}
    spec:
      serviceAccountName: crossdock-runtime
      securityContext:
        {{- include "crossdock.podSecurity" . | nindent 8 }}
      containers:
      - name: tracker
        image: {{ $image }}
        imagePullPolicy: {{ .Values.image.pullPolicy }}
        args: [tracker]
        env:
        - {name: CROSSDOCK_NAMESPACES, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
        - {name: CROSSDOCK_DATABASE, valueFrom: {secretKeyRef: {name: crossdock-database, key: url}}}
        - {name: CROSSDOCK_TRACKER_SCHEMA, valueFrom: {secretKeyRef: {name: crossdock-database, key: trackerSchema, optional: true}}}
        ports:
        - {name: admin, containerPort: 8083}
        - {name: console, containerPort: 8084}
        livenessProbe: {httpGet: {path: /healthz, port: admin}, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5}
        readinessProbe: {httpGet: {path: /readyz, port: admin}, periodSeconds: 5, timeoutSeconds: 2}
        resources:
          {{- toYaml .Values.tracker.resources | nindent 10 }}
        securityContext:
          {{- include "crossdock.containerSecurity" . | nindent 10 }}
{{- end }}
{{- if .Values.networkPolicies.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: crossdock}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: crossdock}, matchExpressions: [{key: app.kubernetes.io/component, operator: In, values: [runtime, runtime-pool, tracker]}]}
  policyTypes: [Ingress]
  ingress:
  - ports: [{port: 8080}, {port: 8084}]
  - ports: [{port: 8081}, {port: 8083}]
    from:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ .Release.Namespace }}}}
    - namespaceSelector:
        {{- toYaml .Values.networkPolicies.metricsNamespaceSelector | nindent 8 }}
{{- end }}
{{- end }}
