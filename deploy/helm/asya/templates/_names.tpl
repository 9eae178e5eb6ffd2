{{- define "asya.image" -}}
{{- $values := (index . 0).Values.image -}}
{{- $name := printf "asya-%s:%s" (index . 1) ($values.tag | default (index . 0).Chart.AppVersion) -}}
{{- if $values.registry }}{{ trimSuffix "/" $values.registry }}/{{ end }}{{ $name }}
{{- end }}

{{- define "asya.rabbitmq.host" -}}
{{- if .Values.rabbitmq.enabled -}}
asya-rabbitmq.{{ .Release.Namespace }}.svc
{{- else -}}
{{ required "rabbitmq.host: name your broker, or set rabbitmq.enabled" .Values.rabbitmq.host }}
{{- end }}
{{- end }}
