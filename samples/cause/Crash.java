/* samples/cause/Crash.java - writes to address 0 behind the back of the Java machine, which aborts with an hs_err file */
import java.lang.reflect.Field;

public class Crash {
    public static void main(String[] arguments) throws Exception {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");

        field.setAccessible(true);
        type.getMethod("putAddress", long.class, long.class).invoke(field.get(null), 0L, 1L);
    }
}
