namespace Akka.Ingest.Hosting;

using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Options;

/// <summary>The settings in force, for operators: secrets masked, places on this machine only where asked for.</summary>
internal sealed class EffectiveSettings(
    IOptions<StorageOptions> storage,
    IOptions<SpoolOptions> spool,
    IOptions<ClusterOptions> cluster,
    IOptions<OtlpOptions> otlp,
    IOptionsMonitor<ApiKeySettings> keys,
    IOptions<RedactionOptions> redaction)
{
    private const string Hidden = "(hidden)";

    public void Write(Utf8JsonWriter json, bool showPlaces)
    {
        json.WriteStartObject();
        WriteMember(json, StorageOptions.Section, storage.Value, showPlaces);
        WriteMember(json, SpoolOptions.Section, spool.Value, showPlaces);
        WriteMember(json, ClusterOptions.Section, cluster.Value, showPlaces);
        WriteMember(json, OtlpOptions.Section, otlp.Value, showPlaces);
        WriteMember(json, ApiKeyOptions.Section, keys.CurrentValue.Keys, showPlaces);
        WriteMember(json, RedactionOptions.Section, redaction.Value, showPlaces);
        json.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter json, string name, object? value, bool showPlaces)
    {
        json.WritePropertyName(name);
        WriteValue(json, value, showPlaces);
    }

    private static void WriteValue(Utf8JsonWriter json, object? value, bool showPlaces)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string or Enum:
                json.WriteStringValue(value.ToString());
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case IDictionary<string, string> map:
                json.WriteStartObject();
                foreach (var (name, text) in map)
                    json.WriteString(name, text);
                json.WriteEndObject();
                break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (var element in list)
                    WriteValue(json, element, showPlaces);
                json.WriteEndArray();
                break;
            default:
                WriteObject(json, value, showPlaces);
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter json, object value, bool showPlaces)
    {
        json.WriteStartObject();
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var member = property.GetValue(value);
            if (member is not null && property.IsDefined(typeof(SecretAttribute)))
                member = SettingsWalk.Masked;
            else if (!showPlaces && property.IsDefined(typeof(PlaceAttribute)))
                member = Hidden;
            WriteMember(json, property.Name, member, showPlaces);
        }

        json.WriteEndObject();
    }
}
