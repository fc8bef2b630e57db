using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace TokenBudget.Caching;

/// <summary>Types that need no reflection and no context of the user's to be read and written as JSON. The build knows the same: a test compares the two.</summary>
internal sealed class PlainJson : IJsonTypeInfoResolver
{
    private static readonly FrozenDictionary<Type, Func<JsonSerializerOptions, JsonTypeInfo>> Types = new Dictionary<Type, Func<JsonSerializerOptions, JsonTypeInfo>>
    {
        [typeof(bool)] = Value(JsonMetadataServices.BooleanConverter),
        [typeof(char)] = Value(JsonMetadataServices.CharConverter),
        [typeof(sbyte)] = Value(JsonMetadataServices.SByteConverter),
        [typeof(byte)] = Value(JsonMetadataServices.ByteConverter),
        [typeof(short)] = Value(JsonMetadataServices.Int16Converter),
        [typeof(ushort)] = Value(JsonMetadataServices.UInt16Converter),
        [typeof(int)] = Value(JsonMetadataServices.Int32Converter),
        [typeof(uint)] = Value(JsonMetadataServices.UInt32Converter),
        [typeof(long)] = Value(JsonMetadataServices.Int64Converter),
        [typeof(ulong)] = Value(JsonMetadataServices.UInt64Converter),
        [typeof(float)] = Value(JsonMetadataServices.SingleConverter),
        [typeof(double)] = Value(JsonMetadataServices.DoubleConverter),
        [typeof(decimal)] = Value(JsonMetadataServices.DecimalConverter),
        [typeof(string)] = Value(JsonMetadataServices.StringConverter),
        [typeof(DateTime)] = Value(JsonMetadataServices.DateTimeConverter),
        [typeof(DateTimeOffset)] = Value(JsonMetadataServices.DateTimeOffsetConverter),
        [typeof(DateOnly)] = Value(JsonMetadataServices.DateOnlyConverter),
        [typeof(TimeOnly)] = Value(JsonMetadataServices.TimeOnlyConverter),
        [typeof(TimeSpan)] = Value(JsonMetadataServices.TimeSpanConverter),
        [typeof(Guid)] = Value(JsonMetadataServices.GuidConverter),
        [typeof(Uri)] = Value(JsonMetadataServices.UriConverter),
        [typeof(Version)] = Value(JsonMetadataServices.VersionConverter),
        [typeof(byte[])] = Value(JsonMetadataServices.ByteArrayConverter),
        [typeof(int[])] = static options => JsonMetadataServices.CreateArrayInfo<int>(options, new JsonCollectionInfoValues<int[]>()),
        [typeof(string[])] = static options => JsonMetadataServices.CreateArrayInfo<string>(options, new JsonCollectionInfoValues<string[]>()),
        [typeof(List<int>)] = static options => JsonMetadataServices.CreateListInfo<List<int>, int>(options, new JsonCollectionInfoValues<List<int>> { ObjectCreator = static () => [] }),
        [typeof(List<string>)] = static options => JsonMetadataServices.CreateListInfo<List<string>, string>(options, new JsonCollectionInfoValues<List<string>> { ObjectCreator = static () => [] }),
        [typeof(IReadOnlyList<string>)] = static options => JsonMetadataServices.CreateIEnumerableInfo<IReadOnlyList<string>, string>(options, new JsonCollectionInfoValues<IReadOnlyList<string>>()),
    }.ToFrozenDictionary();

    public static PlainJson Instance { get; } = new();

    /// <inheritdoc/>
    public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) => Types.TryGetValue(type, out var make) ? make(options) : null;

    private static Func<JsonSerializerOptions, JsonTypeInfo> Value<T>(JsonConverter<T> converter) => options => JsonMetadataServices.CreateValueInfo<T>(options, converter);
}
