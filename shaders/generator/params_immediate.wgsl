// Parameters in the command stream, for devices with IMMEDIATES.
var<immediate> given: Params;
