/* samples/sections/java/RunTrace.java - sections of ali_diagnose_settings: two with the threshold of 100 ms, one with a label */
public final class RunTrace {
	private RunTrace() {
	}

	public static void main(String[] arguments) throws InterruptedException {
		for (int i = 0; i < 2; i++) {
			ali_diagnose_settings.start_run_trace();
			Thread.sleep(150);
			ali_diagnose_settings.stop_run_trace();
		}
		ali_diagnose_settings.start_run_trace(20, "labelled");
		Thread.sleep(50);
		ali_diagnose_settings.stop_run_trace();
	}
}
