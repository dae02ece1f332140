namespace Akka.Ingest.Model;

/// <summary>Severity of an event, least severe first. The numeric values are part of the record format and never change.</summary>
public enum Severity : byte
{
    Trace = 0,
    Debug = 1,
    Information = 2,
    Warning = 3,
    Error = 4,
    Critical = 5,
}
